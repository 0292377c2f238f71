import { describe, expect, it } from "vitest";
import { isSameSeries, seriesOf } from "./database-engine.ts";

describe("the series of a database's version", () => {
  it.each([
    ["mariadb", "10.11.6-MariaDB-1:10.11.6+maria~ubu2204", "10.11"],
    ["mariadb", "11", undefined],
    ["mysql", "8.4.2", "8.4"],
    ["postgresql", "15.14 (Debian 15.14-0+deb12u1)", "15"],
    ["postgresql", "9.6.24", "9.6"],
    ["mongodb", "7.0.12", "7.0"],
    ["etcd", "v3.6.5", "3.6"],
    ["sqlite", "3", "3"],
    ["postgresql", "latest", undefined],
    ["oracle", "19.1", undefined],
  ])("%s %s", (engine, version, series) => expect(seriesOf(engine, version)).toBe(series));
});

describe("two versions", () => {
  it.each([
    ["mariadb", "10.11.6", "10.11.14", true],
    ["mariadb", "10.5.27", "10.11", false],
    ["mariadb", "10.11.6", "11", false],
    ["mariadb", "11.4.2", "11", undefined],
    ["postgresql", "15.4", "15", true],
    ["postgresql", "15.4", "16.1", false],
    ["mongodb", "7.0.1", "", undefined],
  ])("%s %s and %s", (engine, one, other, same) => expect(isSameSeries(engine, one, other)).toBe(same));
});
