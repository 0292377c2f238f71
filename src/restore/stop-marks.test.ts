import { describe, expect, it } from "vitest";
import type { KubeObject } from "../flow/object.ts";
import { mergePatch } from "../flow/merge-patch.ts";
import { stopRules } from "../profiles/stopping.ts";
import { startPatch, stopMarkOf, stopPatch } from "./stop-marks.ts";

const by = { run: "r1", claims: ["data"], now: "2026-11-21T08:00:00Z" };
const apply = (object: KubeObject, patch: object | undefined) => mergePatch(object, patch ?? {}) as KubeObject;

const workload = (group: string, kind: string, rest: object): KubeObject => ({
  apiVersion: group ? `${group}/v1` : "v1",
  kind,
  metadata: { name: "x", annotations: { mine: "stays" } },
  ...rest,
});

describe("stopping and starting", () => {
  it.each(stopRules.map((one) => [one.kind.kind, one.kind.group] as const))(
    "%s.%s comes back as it was",
    (kind, group) => {
      const before = workload(group, kind, { spec: {} });
      const stopped = apply(before, stopPatch(before, by));
      expect(stopped).not.toEqual(before);
      expect(stopMarkOf(stopped)).toEqual({ run: "r1", was: null, claims: ["data"] });
      const after = apply(stopped, startPatch(stopped));
      expect(after.metadata.annotations).toEqual({ mine: "stays" });
      expect(
        JSON.parse(JSON.stringify(after.spec, (_key, value) => (isEmpty(value) ? undefined : value)) ?? "{}"),
      ).toEqual({});
    },
  );

  it("remembers how many replicas there were, over a second stop too", () => {
    const before = workload("apps", "Deployment", { spec: { replicas: 4 } });
    const once = apply(before, stopPatch(before, by));
    expect(once.spec.replicas).toBe(0);
    const twice = apply(once, stopPatch(once, { ...by, run: "r2", claims: ["files"] }));
    expect(stopMarkOf(twice)).toEqual({ run: "r2", was: 4, claims: ["data", "files"] });
    expect(apply(twice, startPatch(twice)).spec.replicas).toBe(4);
  });

  it("leaves alone what a person had stopped, and what cannot be stopped", () => {
    expect(stopPatch(workload("apps", "Deployment", { spec: { replicas: 0 } }), by)).toBeUndefined();
    const notebook = workload("kubeflow.org", "Notebook", {});
    notebook.metadata.annotations = { "kubeflow-resource-stopped": "2026-11-20T08:00:00Z" };
    expect(stopPatch(notebook, by)).toBeUndefined();
    expect(stopPatch(workload("apps", "DaemonSet", {}), by)).toBeUndefined();
    expect(startPatch(workload("apps", "Deployment", { spec: { replicas: 1 } }))).toBeUndefined();
  });
});

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
