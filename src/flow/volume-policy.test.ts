import { describe, expect, it } from "vitest";
import type { Volume } from "./inventory.ts";
import { policyFor, type VolumePolicy } from "./volume-policy.ts";

const volume = {
  id: "shop/data",
  storageClass: "fast",
  driver: "rbd.csi.ceph.com",
  capacity: 20 * 2 ** 30,
  source: "csi",
} as Volume;

function fits(conditions: VolumePolicy["conditions"], labels: Record<string, string> = { tier: "scratch" }): boolean {
  return policyFor([{ conditions, action: { type: "skip" } }], volume, labels) !== undefined;
}

describe("policyFor", () => {
  it.each<[VolumePolicy["conditions"], boolean]>([
    [{ storageClass: ["slow", "fast"] }, true],
    [{ storageClass: ["slow"] }, false],
    [{ csi: { driver: "rbd.csi.ceph.com" } }, true],
    [{ csi: { driver: "ebs.csi.aws.com" } }, false],
    [{ capacity: { min: "10Gi", max: "20Gi" } }, true],
    [{ capacity: { min: "21Gi" } }, false],
    [{ capacity: { max: "10Gi" } }, false],
    [{ pvcLabels: { tier: "scratch" } }, true],
    [{ pvcLabels: { tier: "scratch", more: "x" } }, false],
    [{ volumeTypes: ["nfs", "csi"] }, true],
    [{ volumeTypes: ["nfs"] }, false],
    [{ storageClass: ["fast"], volumeTypes: ["nfs"] }, false],
    [{}, true],
  ])("%j: %s", (conditions, expected) => {
    expect(fits(conditions)).toBe(expected);
  });

  it("lets the first that fits decide, and names its place", () => {
    const policies: VolumePolicy[] = [
      { conditions: { storageClass: ["slow"] }, action: { type: "skip" } },
      { conditions: { pvcLabels: { keep: "yes" } }, action: { type: "snapshot" } },
      { conditions: {}, action: { type: "live" } },
    ];
    expect(policyFor(policies, volume, { keep: "yes" })).toEqual({ at: 1, action: "snapshot" });
    expect(policyFor(policies, volume, undefined)).toEqual({ at: 2, action: "live" });
    expect(policyFor(undefined, volume, {})).toBeUndefined();
  });
});
