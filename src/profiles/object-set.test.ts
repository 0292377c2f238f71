import { describe, expect, it } from "vitest";
import { keepAsIs } from "../flow/kept.ts";
import type { KubeObject } from "../flow/object.ts";
import { objectSet, objectSetOf, oncePerSet } from "./object-set.ts";

function pod(namespace: string, name: string, labels?: Record<string, string>): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, uid: `${namespace}-${name}`, ...(labels ? { labels } : {}) },
  };
}

const names = (objects: Iterable<KubeObject>) => [...objects].map((one) => one.metadata.name);

describe("objectSet", () => {
  const all = objectSet([
    pod("a", "one", { app: "web", tier: "front" }),
    pod("b", "two", { app: "web" }),
    keepAsIs(pod("a", "three", { app: "web", tier: "back" })),
    pod("a", "four"),
    { apiVersion: "apps/v1", kind: "Pod", metadata: { name: "other-group" } },
  ]);

  it("finds by ref, uid, kind and namespace", () => {
    expect(all.size).toBe(5);
    expect(all.get({ group: "", kind: "Pod", namespace: "b", name: "two" })?.metadata.uid).toBe("b-two");
    expect(all.has({ group: "", kind: "Pod", namespace: "b", name: "one" })).toBe(false);
    expect(all.byUid("a-three")?.metadata.name).toBe("three");
    expect(names(all.ofKind("", "Pod", "a"))).toEqual(["one", "three", "four"]);
    expect(names(all.ofKind("", "Pod"))).toHaveLength(4);
    expect(names(all.ofKind("apps", "Pod"))).toEqual(["other-group"]);
    expect(all.ofKind("", "Secret")).toHaveLength(0);
  });

  it.each([
    [{ app: "web" }, ["one", "three"]],
    [{ app: "web", tier: "back" }, ["three"]],
    [{ app: "web", tier: "none" }, []],
    [{ app: "" }, []],
    [{}, ["one", "three", "four"]],
  ])("finds by labels %j", (labels: Record<string, string>, wanted) => {
    expect(names(all.withLabels("", "Pod", "a", labels))).toEqual(wanted);
  });

  it("takes the later one of two of the same name", () => {
    const set = objectSet([pod("a", "one"), pod("a", "one", { app: "new" })]);
    expect(set.size).toBe(1);
    expect(set.get({ group: "", kind: "Pod", namespace: "a", name: "one" })?.metadata.labels).toEqual({ app: "new" });
    expect([...set.all()].map((one) => one.metadata.labels)).toEqual([{ app: "new" }]);
  });

  it("is made once for a list, and so are answers about it", () => {
    const list = [keepAsIs(pod("a", "one"))];
    expect(objectSetOf(list)).toBe(objectSetOf(list));
    let counted = 0;
    const count = oncePerSet((set) => (counted++, set.size));
    expect([count(all), count(all), counted]).toEqual([5, 5, 1]);
  });
});
