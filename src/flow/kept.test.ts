import { describe, expect, it } from "vitest";
import { openShelf } from "../base/shelf.ts";
import { keepAsIs, keepOn, keptAt, withObject } from "./kept.ts";
import type { KubeObject } from "./object.ts";
import { keptIn, type ObjectList, objectList } from "./object-list.ts";

function object(name: string, data: Record<string, unknown> = {}): KubeObject {
  return { apiVersion: "apps/v1", kind: "Thing", metadata: { name, namespace: "ns", uid: `uid-${name}` }, ...data };
}

describe("an object on a shelf", () => {
  it("is found by its names, and reads as it was put", () => {
    const keep = keepOn(openShelf());
    const original = object("a", { spec: { text: "ü\n", list: [1, null, { deep: true }] }, big: 9007199254740993n });
    const kept = keep(original);
    expect(kept.ref).toEqual({ group: "apps", kind: "Thing", namespace: "ns", name: "a" });
    expect(kept.uid).toBe("uid-a");
    expect(kept.object).toEqual(original);
  });

  it("is not what others of the same shelf are, however many were looked at in between", () => {
    const keep = keepOn(openShelf());
    const all = Array.from({ length: 3000 }, (_, index) =>
      keep(object(`n${index}`, { note: "x".repeat(index % 900) })),
    );
    for (const at of [0, 2999, 17, 1500, 0]) expect(all[at]!.object.metadata.name).toBe(`n${at}`);
  });

  it("is no longer tied to the one that was put", () => {
    const original = object("a", { spec: { replicas: 1 } });
    const kept = keepOn(openShelf())(original);
    original.spec.replicas = 2;
    expect(kept.object.spec.replicas).toBe(1);
  });
});

describe("withObject", () => {
  const kept = keepOn(openShelf())(object("a", { spec: 1 }));

  it("makes a field like any other: for JSON, for copies, for comparisons", () => {
    const step = withObject({ id: "x" }, "object", kept);
    expect(step.object.spec).toBe(1);
    expect(JSON.parse(JSON.stringify(step))).toEqual({ id: "x", object: object("a", { spec: 1 }) });
    expect({ ...step, id: "y" }.object.metadata.name).toBe("a");
    expect(Object.keys(step)).toEqual(["id", "object"]);
  });

  it("tells where it is read from; of an ordinary field, its value", () => {
    const both = withObject(withObject({}, "original", kept), "planned", keepAsIs(object("b")));
    expect(keptAt(both, "original")).toBe(kept);
    expect(keptAt(both, "planned")?.ref.name).toBe("b");
    expect(keptAt({ planned: object("c") }, "planned")?.uid).toBe("uid-c");
    expect(keptAt({} as { planned?: KubeObject }, "planned")).toBeUndefined();
  });
});

describe("objectList", () => {
  it("does what an array does", () => {
    const keep = keepOn(openShelf());
    const plain = ["a", "b", "c"].map((name) => object(name));
    const lists: ObjectList[] = [objectList(plain.map((one) => keep(one))), plain];
    for (const list of lists) {
      expect(list).toHaveLength(3);
      expect([...list].map((one) => one.metadata.name)).toEqual(["a", "b", "c"]);
      expect(list.map((one) => one.metadata.name)).toEqual(["a", "b", "c"]);
      expect(list.flatMap((one) => (one.metadata.name === "b" ? [] : one.metadata.name))).toEqual(["a", "c"]);
      expect(list.filter((one) => one.metadata.name > "a").map((one) => one.metadata.name)).toEqual(["b", "c"]);
      expect(list.find((one) => one.metadata.name === "b")?.metadata.uid).toBe("uid-b");
      expect([list.some((one) => one.metadata.name === "c"), list.some(() => false)]).toEqual([true, false]);
      expect(keptIn(list).map((one) => one.ref.name)).toEqual(["a", "b", "c"]);
    }
  });

  it("gives names without a look at any object", () => {
    const list = objectList([
      {
        ref: { group: "", kind: "Secret", name: "s" },
        get object(): KubeObject {
          throw new Error("looked at");
        },
      },
    ]);
    expect(keptIn(list)[0]?.ref.name).toBe("s");
  });
});
