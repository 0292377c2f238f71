import { describe, expect, it } from "vitest";
import {
  controlKey,
  manifestKey,
  parseManifestKey,
  passwordKey,
  planPath,
  repositoryName,
  repositoryOfPasswordKey,
} from "./layout.ts";

const invalid = expect.objectContaining({ code: "INVALID" });

describe("names on a target", () => {
  it("of plans tell kind and namespace", () => {
    expect(planPath({ kind: "ClusterBackupPlan", name: "rhoai-demo-plan" })).toBe("ClusterBackupPlan.rhoai-demo-plan");
    expect(planPath({ kind: "BackupPlan", namespace: "team", name: "a.b" })).toBe("BackupPlan.team.a.b");
  });

  it("of manifests come back", () => {
    const key = manifestKey("uid", "BackupPlan.a.b", "20261121T031500Z-1a2b3c4d");
    expect(key).toBe("points/uid/BackupPlan.a.b/20261121T031500Z-1a2b3c4d/manifest.json");
    expect(parseManifestKey(key)).toEqual({
      cluster: "uid",
      plan: "BackupPlan.a.b",
      point: "20261121T031500Z-1a2b3c4d",
    });
    expect(parseManifestKey("points/uid/x/manifest.json")).toBeUndefined();
    expect(parseManifestKey("points/uid/x/y/other.json")).toBeUndefined();
  });

  it("of wrapped passwords come back", () => {
    expect(passwordKey("repos/uid/_cluster")).toBe("keys/repos/uid/_cluster.json");
    expect(repositoryOfPasswordKey("keys/repos/uid/_cluster.json")).toBe("repos/uid/_cluster");
    expect(repositoryOfPasswordKey("keys/elsewhere.json")).toBeUndefined();
  });

  it.each(["..", ".", "", "a/b", "a b", "-x", "ü", "a\n", ".hidden", "x".repeat(300)])("are never %j", (bad) => {
    expect(() => manifestKey("uid", "plan", bad)).toThrow(invalid);
    expect(() => planPath({ kind: "BackupPlan", name: `${bad}/..` })).toThrow(invalid);
    expect(() => repositoryName(`repos/uid/${bad}`)).toThrow(invalid);
    if (bad !== "a/b") expect(() => controlKey(`a/${bad}`)).toThrow(invalid);
  });
});
