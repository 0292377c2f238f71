import { describe, expect, it } from "vitest";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { restoreOptionsOf } from "./specs.ts";

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

  it("leaves selectors as they are", () => {
    const labelSelector = [{ matchLabels: { app: "shop" } }];
    expect(transformsOf({ labelSelector })).toEqual([{ labelSelector }]);
  });
});
