import { describe, expect, it } from "vitest";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { restoreOptionsOf, transformSetsOf } from "./specs.ts";

const point = { id: "p", namespaces: [{ name: "shop" }] } as unknown as RecoveryPoint;

function transformsOf(resources: object) {
  const restoreConfig = { transformComponents: { custom: [{ transformName: "t", resources, jsonPatches: [] }] } };
  const restore = {
    apiVersion: "holdfast.dev/v1alpha1",
    kind: "ClusterRestore",
    metadata: { name: "r" },
    spec: { components: [{ sourceNamespace: "shop", restoreConfig }] },
  };
  return restoreOptionsOf(restore, point).components[0]?.transforms.map((one) => one.resources);
}

describe("restoreOptionsOf", () => {
  const groupVersionKind = { kind: "ConfigMap", version: "v1" };

  it("reads the short form of a transform's resources, one kind with names", () => {
    expect(transformsOf({ groupVersionKind, objects: ["settings"] })).toEqual([
      { gvkSelector: [{ groupVersionKind, objects: ["settings"] }] },
    ]);
    expect(transformsOf({ groupVersionKind })).toEqual([{ gvkSelector: [{ groupVersionKind }] }]);
  });

  it("puts the transforms of sets before the restore's own; a Restore has those of its namespace only", () => {
    const one = { resources: { labelSelector: [{ matchLabels: { a: "b" } }] }, mergePatch: { spec: { x: 1 } } };
    const set = {
      apiVersion: "holdfast.dev/v1alpha1",
      kind: "TransformSet",
      metadata: { name: "small", namespace: "shop" },
      spec: { transforms: [{ name: "first", ...one }] },
    };
    const spec = {
      source: { type: "Backup", backup: { name: "b" } },
      transformSets: [{ name: "small" }],
      transformComponents: { custom: [{ transformName: "own", ...one }] },
    };
    const restore = { ...set, kind: "Restore", metadata: { name: "r", namespace: "shop" }, spec };
    expect(transformSetsOf(restore)).toEqual(["shop/small"]);
    const options = restoreOptionsOf(restore, point, new Map([["shop/small", set]]));
    expect(options.components[0]?.transforms.map((each) => each.transformName)).toEqual(["small/first", "own"]);
    expect(() => restoreOptionsOf(restore, point)).toThrow(/TransformSet shop\/small/);
    const cluster = { components: [{ restoreConfig: { transformSets: [{ name: "small", namespace: "other" }] } }] };
    expect(transformSetsOf({ ...restore, kind: "ClusterRestore", spec: cluster })).toEqual(["other/small"]);
  });

  it("leaves selectors as they are", () => {
    const labelSelector = [{ matchLabels: { app: "shop" } }];
    expect(transformsOf({ labelSelector })).toEqual([{ labelSelector }]);
  });
});
