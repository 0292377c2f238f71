import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../flow/object.ts";
import { covers } from "./covers.ts";
import { isSame, threeWay } from "./merge.ts";

const object = (spec: object, metadata: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Thing",
  metadata: { name: "x", ...metadata },
  spec,
});
const merged = (base: object, live: object, wanted: object) =>
  threeWay(object(base), object(live), object(wanted)).spec;

describe("threeWay", () => {
  it("sets back what was changed and removed, keeps what was added", () => {
    const point = { a: 1, b: { c: 1, d: 1 } };
    expect(merged(point, { a: 2, b: { c: 2, e: 3 }, f: 4 }, point)).toEqual({ a: 1, b: { c: 1, d: 1, e: 3 }, f: 4 });
  });

  it("takes away what the base has and the wanted one has not", () => {
    expect(merged({ a: 1, b: 1 }, { a: 1, b: 1, c: 1 }, { a: 1 })).toEqual({ a: 1, c: 1 });
    const item = (name: string) => ({ name, value: name });
    expect(
      merged({ env: [item("A"), item("B")] }, { env: [item("A"), item("B"), item("C")] }, { env: [item("A")] }).env,
    ).toEqual([item("A"), item("C")]);
  });

  it("merges lists by keys, in the order of the point; a list without keys is one value", () => {
    const port = (containerPort: number, more = {}) => ({ containerPort, ...more });
    const ports = merged(
      {},
      { ports: [port(90), port(80, { protocol: "TCP" })] },
      { ports: [port(80), port(81)] },
    ).ports;
    expect(ports).toEqual([port(80, { protocol: "TCP" }), port(81), port(90)]);
    expect(merged({}, { args: ["a", "b"] }, { args: ["c"] }).args).toEqual(["c"]);
    const named = (name: string, port: number) => ({ name, port });
    expect(merged({}, { ports: [named("http", 8080)] }, { ports: [named("http", 80)] }).ports).toEqual([
      named("http", 80),
    ]);
  });

  it("takes a list with a key twice as one value", () => {
    const twice = [
      { name: "A", value: "1" },
      { name: "A", value: "2" },
    ];
    expect(
      merged(
        {},
        {
          env: [
            { name: "A", value: "9" },
            { name: "B", value: "9" },
          ],
        },
        { env: twice },
      ).env,
    ).toEqual(twice);
  });

  it("leaves to the cluster what identifies the object, its owners, finalizers and status", () => {
    const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "u" };
    const live = {
      ...object(
        {},
        { uid: "1", resourceVersion: "7", finalizers: ["f"], ownerReferences: [owner], managedFields: [{}] },
      ),
      status: { phase: "Live" },
    };
    const wanted = { ...object({}, { labels: { a: "b" } }), status: { phase: "Old" } };
    const next = threeWay(wanted, live, wanted);
    expect(next.metadata).toEqual({
      name: "x",
      uid: "1",
      resourceVersion: "7",
      finalizers: ["f"],
      ownerReferences: [owner],
      labels: { a: "b" },
      annotations: {},
    });
    expect(next.status).toEqual({ phase: "Live" });
  });

  it("done twice is done once, and what is wanted is there", () => {
    const leaf = fc.oneof(
      fc.constantFrom("1", "2"),
      fc.boolean(),
      fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }),
    );
    const item = fc.record({ name: fc.constantFrom("A", "B", "C"), value: leaf });
    const list = fc.uniqueArray(item, { selector: (one) => one.name, maxLength: 3 });
    const spec = fc.dictionary(
      fc.constantFrom("a", "b", "c"),
      fc.oneof(leaf, list, fc.dictionary(fc.constantFrom("x", "y"), leaf)),
    );
    fc.assert(
      fc.property(spec, spec, spec, (base, live, wanted) => {
        const once = threeWay(object(base), object(live), object(wanted));
        expect(threeWay(object(base), once, object(wanted))).toEqual(once);
        expect(covers(once.spec, wanted)).toBe(true);
      }),
    );
  });

  it("is the same where nothing changes", () => {
    const live = object({ a: { b: [{ name: "x", c: 1 }] } }, { resourceVersion: "7", managedFields: [{}] });
    expect(isSame(live, threeWay(object({}), live, object({ a: { b: [{ name: "x" }] } })))).toBe(true);
    expect(isSame(live, threeWay(object({}), live, object({ a: { b: [{ name: "x", c: 2 }] } })))).toBe(false);
  });
});
