import { describe, expect, it } from "vitest";
import { type Machine, obstacles } from "./preflight.ts";

const good: Machine = {
  platform: "linux",
  isRoot: true,
  cgroupControllers: ["cpu", "memory", "pids"],
  freeGigabytes: 40,
  alreadyUp: false,
  go: "go1.26.1",
  hasNpm: true,
};

describe("obstacles", () => {
  it("has nothing against a good machine, nor against a later Go", () => {
    expect(obstacles(good)).toEqual([]);
    expect(obstacles({ ...good, go: "go2.0" })).toEqual([]);
  });

  it.each<[Partial<Machine>, RegExp]>([
    [{ platform: "darwin" }, /Linux only/],
    [{ isRoot: false }, /as root/],
    [{ cgroupControllers: ["cpu"] }, /missing \(memory, pids\)/],
    [{ freeGigabytes: 12 }, /20 GB/],
    [{ go: "go1.9.4" }, /Go 1\.26 .* found: go1\.9\.4/],
    [{ go: undefined }, /found: none/],
    [{ hasNpm: false }, /npm/],
  ])("says what is wrong with %o", (change, expected) => {
    expect(obstacles({ ...good, ...change })).toEqual([expect.stringMatching(expected)]);
  });

  it("asks for less disk where a lab is already", () => {
    expect(obstacles({ ...good, freeGigabytes: 12, alreadyUp: true })).toEqual([]);
  });
});
