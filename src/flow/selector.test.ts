import { describe, expect, it } from "vitest";
import type { KubeObject } from "./object.ts";
import { isEmpty, matchedBy, matches, mayChooseKind } from "./selector.ts";

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

  it("understands wildcards in names, kinds and groups", () => {
    const chooses = (groupVersionKind: object, objects?: string[]) =>
      matches({ gvkSelector: [{ groupVersionKind, ...(objects ? { objects } : {}) }] }, claim);
    expect(chooses({ kind: "Persistent*" }, ["model-*"])).toBe(true);
    expect(chooses({ kind: "*" }, ["model-catalog-?ostgres"])).toBe(true);
    expect(chooses({ kind: "*" }, ["postgres"])).toBe(false);
    expect(matches({ gvkSelector: [{ groupVersionKind: { group: "*.knative.dev", kind: "*" } }] }, knative)).toBe(true);
    expect(chooses({ group: "*.knative.dev", kind: "*" })).toBe(false);
  });

  it("adds entries up, and asks all of allOf", () => {
    const claims = { gvkSelector: [{ groupVersionKind: { kind: "PersistentVolumeClaim" } }] };
    const catalog = { labelSelector: [{ matchLabels: { app: "catalog" } }] };
    const other = { labelSelector: [{ matchLabels: { app: "other" } }] };
    expect(matchedBy({ allOf: [claims, catalog] }, claim)).toBe("allOf");
    expect(matches({ allOf: [claims, other] }, claim)).toBe(false);
    expect(matchedBy({ anyOf: [{ allOf: [claims, other] }, { allOf: [claims, catalog] }] }, claim)).toBe(
      "anyOf[1].allOf",
    );
    expect(matchedBy({ ...other, allOf: [claims, catalog] }, claim)).toBe("allOf");
    expect(matchedBy({ gvkSelector: [{ groupVersionKind: { kind: "Pod" } }, ...claims.gvkSelector] }, claim)).toBe(
      "gvkSelector[1]",
    );
    expect(matches({ allOf: [] }, claim)).toBe(false);
    expect(isEmpty({ allOf: [], anyOf: [], gvkSelector: [] })).toBe(true);
  });

  it("says which kinds it could choose at all", () => {
    const storage = { group: "storage.k8s.io", kind: "StorageClass" };
    const classes = { gvkSelector: [{ groupVersionKind: { kind: "*Class" } }] };
    const labelled = { labelSelector: [{ matchLabels: { a: "b" } }] };
    expect(mayChooseKind(classes, storage)).toBe(true);
    expect(mayChooseKind({ allOf: [classes, labelled] }, storage)).toBe(true);
    expect(mayChooseKind({ allOf: [classes, labelled] }, { group: "", kind: "Node" })).toBe(false);
    expect(mayChooseKind(labelled, { group: "", kind: "Node" })).toBe(true);
    expect(mayChooseKind(undefined, storage)).toBe(false);
  });
});
