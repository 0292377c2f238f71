import { describe, expect, it } from "vitest";
import type { DatabaseRecord } from "../../flow/recovery-point.ts";
import { sampleObject } from "../restore-sample.ts";
import { checked, component } from "./preflight.sample.ts";

const record: DatabaseRecord = {
  id: "shop/db-1",
  engine: "mariadb",
  version: "10.5.27-MariaDB",
  namespace: "shop",
  pod: "db-1",
  lock: "global read lock",
  heldMs: 1,
  databases: [],
  volumes: ["shop/data"],
  accounts: [],
  port: 3306,
  image: "registry.redhat.io/rhel9/mariadb-105:1-200",
};

const spec = (image: string) => ({
  containers: [{ name: "db", image }],
  volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
});
const deployment = (image: string) =>
  sampleObject("apps/v1", "Deployment", "shop", "db", { spec: { template: { spec: spec(image) } } });
const codes = (image: string, known: Partial<DatabaseRecord> = {}) =>
  checked([deployment(image)], { point: { databases: [{ ...record, ...known }] } }).map((one) => [
    one.code,
    one.severity,
  ]);

describe("the version of a database", () => {
  it("may be the same, whatever the image is called", () => {
    expect(codes("registry.redhat.io/rhel9/mariadb-105:1-210")).toEqual([]);
    expect(codes("mirror:5000/library/mariadb:10.5.29")).toEqual([]);
    expect(codes("mirror/rhel9/mariadb-105@sha256:1")).toEqual([]);
  });

  it("holds the restore back where its major changes, up or down, or another product takes its files", () => {
    for (const image of [
      "quay.io/sclorg/mariadb-1011-c9s",
      "mariadb:10.4.1",
      "mariadb:11",
      "mysql:10.5",
      "postgres:15",
    ])
      expect(codes(image), image).toEqual([["DATABASE_MAJOR_CHANGED", "error"]]);
    const postgres = { engine: "postgresql", version: "15.14 (Debian)", image: "postgres:15" } as const;
    expect(codes("postgres:15.3-alpine", postgres)).toEqual([]);
    expect(codes("postgres:16", postgres)).toEqual([["DATABASE_MAJOR_CHANGED", "error"]]);
  });

  it("is a warning where the person allowed it, or an image does not tell", () => {
    const allowed = { ...component, flags: { allowDatabaseMajorChange: true } };
    const found = checked([deployment("mariadb:11.4")], { point: { databases: [record] } }, allowed);
    expect(found).toMatchObject([{ code: "DATABASE_MAJOR_CHANGED", severity: "warning" }]);
    expect(codes("mariadb:lts")).toEqual([["DATABASE_VERSION_UNTOLD", "warning"]]);
    expect(codes("other/mariadb:lts", { image: "docker.io/library/mariadb:lts" })).toEqual([]);
    expect(codes("own/database-mariadb:2.3", { image: "own/database-mariadb:2.3" })).toEqual([]); // whose tags count otherwise
    expect(codes("other/mariadb@sha256:65ac")).toEqual([["DATABASE_VERSION_UNTOLD", "warning"]]); // a digest is no version
  });

  it("is looked for in claims of templates, and nowhere else", () => {
    const set = sampleObject("apps/v1", "StatefulSet", "shop", "db", {
      spec: {
        volumeClaimTemplates: [{ metadata: { name: "data" } }],
        template: { spec: { containers: [{ name: "db", image: "mariadb:12.0" }] } },
      },
    });
    const of = (volume: string, namespace = "shop") =>
      checked([set], { point: { databases: [{ ...record, namespace, volumes: [volume] }] } });
    expect(of("shop/data-db-0")).toMatchObject([{ code: "DATABASE_MAJOR_CHANGED" }]);
    expect(of("shop/data-db-x")).toEqual([]);
    expect(of("other/data-db-0", "other")).toEqual([]);
  });
});
