import { describe, expect, it } from "vitest";
import { rbac } from "./rbac.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const manifests = rbac("holdfast-system");
const rules = (kind: string, name: string): Rule[] =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name)?.rules ?? [];
const standing = [...rules("ClusterRole", "holdfast-runner"), ...rules("ClusterRole", "holdfast-operator")];
const has = (list: readonly string[], value: string) => list.includes(value) || list.includes("*");

describe("standing rights", () => {
  it("never let anybody into a pod or past the API server: a web socket to pods/exec or nodes/proxy needs only get", () => {
    const core = standing.filter((rule) => has(rule.apiGroups, ""));
    for (const way of ["pods/exec", "pods/attach", "nodes/proxy", "pods/proxy", "services/proxy"]) {
      expect(
        core.filter((rule) => has(rule.resources, way) && ["get", "create"].some((verb) => has(rule.verbs, verb))),
        way,
      ).toEqual([]);
    }
  });

  it("list what a point records of nodes and devices", () => {
    for (const [group, resource] of [
      ["", "nodes"],
      ["node.k8s.io", "runtimeclasses"],
      ["resource.k8s.io", "resourceslices"],
      ["nvidia.com", "clusterpolicies"],
      ["kueue.x-k8s.io", "clusterqueues"],
    ] as const) {
      const allowed = standing.some(
        (rule) => has(rule.apiGroups, group) && has(rule.resources, resource) && has(rule.verbs, "list"),
      );
      expect(allowed, resource).toBe(true);
    }
  });

  it("write nothing of an application", () => {
    const writes = ["create", "update", "patch", "delete"];
    for (const [group, resource] of [
      ["", "configmaps"],
      ["", "secrets"],
      ["", "pods"],
      ["apps", "deployments"],
      ["batch", "jobs"],
    ] as const) {
      const allowed = standing.filter(
        (rule) =>
          has(rule.apiGroups, group) && has(rule.resources, resource) && writes.some((verb) => has(rule.verbs, verb)),
      );
      expect(allowed, resource).toEqual([]);
    }
  });

  it("bind no ClusterRole but the one of a restore, and in no other way than by RoleBindings", () => {
    const binding = standing.filter(
      (rule) => has(rule.verbs, "bind") && has(rule.apiGroups, "rbac.authorization.k8s.io"),
    );
    expect(binding.map((rule) => rule.resourceNames)).toEqual([["holdfast-restore"]]);
    expect(
      standing.filter((rule) => rule.resources.includes("clusterrolebindings") && has(rule.verbs, "create")),
    ).toEqual([]);
    expect(
      standing.filter((rule) => has(rule.verbs, "escalate") && has(rule.apiGroups, "rbac.authorization.k8s.io")),
    ).toEqual([]);
  });
});
