import { describe, expect, it } from "vitest";
import type { KubeObject } from "./object.ts";
import { isChosen, isEmpty, matches } from "./selector.ts";

const claim: KubeObject = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "model-catalog-postgres", namespace: "rhoai-model-registries", labels: { app: "catalog" } },
};
const deployment: KubeObject = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "model-catalog" } };
const knative: KubeObject = { apiVersion: "serving.knative.dev/v1", kind: "Service", metadata: { name: "iris" } };

describe("selector", () => {
  it("understands the walkthrough's exclude selector", () => {
    const exclude = {
      gvkSelector: [
        { groupVersionKind: { kind: "PersistentVolumeClaim", version: "v1" }, objects: ["model-catalog-postgres"] },
        { groupVersionKind: { kind: "Deployment", group: "apps", version: "v1" }, objects: ["model-catalog"] },
      ],
    };
    expect(matches(exclude, claim)).toBe(true);
    expect(matches(exclude, deployment)).toBe(true);
    expect(matches(exclude, { ...claim, metadata: { ...claim.metadata, name: "model-registry-db" } })).toBe(false);
    expect(matches(exclude, { ...deployment, apiVersion: "extensions/v1" })).toBe(false);
  });

  it("takes a kind with a version and no group as the core group, and a kind alone as every group", () => {
    expect(matches({ gvkSelector: [{ groupVersionKind: { kind: "Service", version: "v1" } }] }, knative)).toBe(false);
    expect(matches({ gvkSelector: [{ groupVersionKind: { kind: "Service" } }] }, knative)).toBe(true);
    expect(
      matches(
        { gvkSelector: [{ groupVersionKind: { kind: "Service", group: "serving.knative.dev", version: "v9" } }] },
        knative,
      ),
    ).toBe(true);
  });

  it("chooses all objects of a kind where none is named", () => {
    expect(
      matches({ gvkSelector: [{ groupVersionKind: { group: "apps", kind: "Deployment" }, objects: [] }] }, deployment),
    ).toBe(true);
  });

  it("matches labels and expressions, and nothing where a label selector is empty", () => {
    expect(matches({ labelSelector: [{ matchLabels: { app: "catalog" } }] }, claim)).toBe(true);
    expect(
      matches(
        { labelSelector: [{ matchExpressions: [{ key: "app", operator: "NotIn", values: ["catalog"] }] }] },
        claim,
      ),
    ).toBe(false);
    expect(matches({ labelSelector: [{ matchExpressions: [{ key: "app", operator: "Exists" }] }] }, claim)).toBe(true);
    expect(matches({ labelSelector: [{}] }, claim)).toBe(false);
  });

  it("keeps everything with an empty include, and lets exclude win", () => {
    expect(isEmpty({ gvkSelector: [] })).toBe(true);
    expect(isChosen(claim, undefined, undefined)).toBe(true);
    expect(
      isChosen(
        claim,
        { labelSelector: [{ matchLabels: { app: "catalog" } }] },
        { gvkSelector: [{ groupVersionKind: { kind: "PersistentVolumeClaim" } }] },
      ),
    ).toBe(false);
    expect(isChosen(deployment, { labelSelector: [{ matchLabels: { app: "catalog" } }] }, undefined)).toBe(false);
  });
});
