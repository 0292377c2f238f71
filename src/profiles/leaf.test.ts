import { describe, expect, it } from "vitest";
import { type KubeObject, refKey, refOf } from "../flow/object.ts";
import { referencesOf } from "./index.ts";
import { isLeaf } from "./leaf.ts";
import { objectSet } from "./object-set.ts";
import { relationContext, relationsOf } from "./relations/index.ts";
import { app, registries, walkthrough } from "./walkthrough.sample.ts";

describe("a leaf", () => {
  it("leans on nothing, whatever else there is", () => {
    const all = objectSet(walkthrough());
    const context = relationContext(all, [app, registries], []);
    const leaves = walkthrough().filter(isLeaf);
    expect(leaves.length).toBeGreaterThan(5);
    for (const one of leaves) {
      const found = [...referencesOf(one, all), ...relationsOf(one, context)];
      expect(found, refKey(refOf(one))).toEqual([]);
    }
  });

  it("has no owner and no queue, and is of a kind that others lean on", () => {
    const of = (kind: string, metadata: object = {}) =>
      isLeaf({ apiVersion: "v1", kind, metadata: { name: "a", namespace: "n", ...metadata } } as KubeObject);
    expect(of("Secret")).toBe(true);
    expect(of("Secret", { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u" }] })).toBe(false);
    expect(of("ConfigMap", { labels: { "kueue.x-k8s.io/queue-name": "q" } })).toBe(false);
    expect(of("Service")).toBe(false);
  });
});
