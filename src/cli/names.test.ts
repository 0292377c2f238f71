import { describe, expect, it } from "vitest";
import { planPath } from "../store/layout.ts";
import { planNameOf } from "./names.ts";

describe("the name of points that no plan made", () => {
  const many = Array.from({ length: 2500 }, (_, at) => `team-${at}`);

  it("is that of the namespaces", () => {
    expect(planNameOf(["rhoai-demo", "rhoai-model-registries"])).toBe("rhoai-demo-rhoai-model-registries");
  });

  it("is one that a target takes, however many namespaces there are, and the same each time", () => {
    const name = planNameOf(many);
    expect(planPath({ kind: "ClusterBackupPlan", name })).toContain("team-0-team-1-");
    expect(planNameOf([...many])).toBe(name);
    expect(planNameOf(many.slice(0, -1))).not.toBe(name);
  });

  it("cannot be that of a wildcard", () => {
    expect(() => planNameOf(["shop", "team-*"])).toThrow(/"team-\*" may mean other namespaces tomorrow/);
  });
});
