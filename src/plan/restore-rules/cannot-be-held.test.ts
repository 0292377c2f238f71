import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../flow/object.ts";
import { refOf } from "../../flow/object.ts";
import { versionsThatHold } from "../../profiles/runs.ts";
import { sample } from "../../profiles/walkthrough.sample.ts";
import { cannotBeHeld } from "./cannot-be-held.ts";
import type { RuleContext } from "./rule.ts";

const version = (name: string, spec: object) => ({
  name,
  served: true,
  schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", ...spec } } } },
});
const definition = (...versions: object[]) =>
  sample("apiextensions.k8s.io/v1", "CustomResourceDefinition", undefined, "sparkapplications.sparkoperator.k8s.io", {
    spec: { group: "sparkoperator.k8s.io", names: { kind: "SparkApplication" }, versions },
  });
const old = version("v1beta2", { properties: { mode: {} } });
const today = version("v1beta2", { properties: { suspend: { type: "boolean" } } });

function reasonFor(object: KubeObject, crd: KubeObject): string | undefined {
  const { group, kind } = refOf(object);
  const crds = new Map([[`${kind}.${group}`, { holdIn: versionsThatHold(crd) }]]);
  const context = { ref: refOf(object), target: { preflight: { crds } } } as unknown as RuleContext;
  return cannotBeHeld.decide(object, context)?.reason;
}

describe("runs that nothing would hold back", () => {
  const application = (status: object) =>
    sample("sparkoperator.k8s.io/v1beta2", "SparkApplication", "a", "etl", { spec: {}, status });
  const running = application({ applicationState: { state: "RUNNING" } });

  it("held: stay away where the target's definition does not know the field, ended or not", () => {
    expect(reasonFor(running, definition(old))).toContain("does not know spec.suspend");
    expect(reasonFor(running, definition(old))).toContain("start at once");
    expect(reasonFor(application({ applicationState: { state: "COMPLETED" } }), definition(old))).toContain(
      "run again",
    );
    expect(reasonFor(running, definition(version("v1", today), old))).toContain("does not know");
  });

  it("held: come where it does, or where every field is kept", () => {
    expect(reasonFor(running, definition(today))).toBeUndefined();
    expect(reasonFor(running, definition(version("v1beta2", { "x-kubernetes-preserve-unknown-fields": true })))).toBe(
      undefined,
    );
    expect(versionsThatHold(sample("apiextensions.k8s.io/v1", "CustomResourceDefinition", undefined, "x"))).toBe(
      undefined,
    );
  });
});
