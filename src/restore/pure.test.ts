import { describe, expect, it } from "vitest";
import { Fault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { covers, differences, isRestored } from "./covers.ts";
import { runGraph } from "./graph.ts";
import { patienceWith, persist } from "./retry.ts";
import { mergeServiceAccount } from "./service-account.ts";

const never = new AbortController().signal;

describe("covers", () => {
  it.each<[string, unknown, unknown, boolean]>([
    ["defaults of the server do not count", { a: 1, added: true }, { a: 1 }, true],
    ["a changed value does", { a: 2 }, { a: 1 }, false],
    ["a missing field does", {}, { a: 1 }, false],
    ["an empty object may be dropped by the server", {}, { a: {} }, true],
    ["null may be dropped by the server", {}, { a: null }, true],
    ["lists have one order", { a: ["y", "x"] }, { a: ["x", "y"] }, false],
    ["a list with more is different", { a: ["x", "y"] }, { a: ["x"] }, false],
    [
      "named items may stand elsewhere, and others beside them",
      { a: [{ name: "sidecar" }, { name: "x", image: "i", pull: "Always" }] },
      { a: [{ name: "x", image: "i" }] },
      true,
    ],
    ["a named item that is missing is different", { a: [{ name: "y" }] }, { a: [{ name: "x" }] }, false],
  ])("%s", (_name, live, wanted, expected) => expect(covers(live, wanted)).toBe(expected));

  it("looks at labels and content, not at status, owners and kubectl's notes", () => {
    const live: KubeObject = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", uid: "1", labels: { app: "x", other: "y" } },
      data: { a: "1" },
      status: { now: 1 },
    };
    const wanted: KubeObject = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "a",
        labels: { app: "x" },
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      },
      data: { a: "1" },
      status: { now: 2 },
    };
    expect(isRestored(live, wanted)).toBe(true);
    expect(isRestored(live, { ...wanted, metadata: { ...wanted.metadata, labels: { app: "z" } } })).toBe(false);
  });
});

describe("patience", () => {
  it("waits for what passes by itself, and for nothing else", () => {
    expect(patienceWith(new Fault("UNAVAILABLE", "failed calling webhook x"))).toBeGreaterThan(60);
    expect(patienceWith(new Fault("FORBIDDEN", "namespace x is being terminated"))).toBeGreaterThan(60);
    expect(patienceWith(new Fault("FORBIDDEN", "pods is forbidden: exceeded quota: q"))).toBeGreaterThan(60);
    expect(patienceWith(new Fault("FORBIDDEN", 'user "x" cannot create pods'))).toBe(0);
    expect(patienceWith(new Fault("INVALID", "spec.ports: Required value"))).toBe(0);
    expect(patienceWith(new Fault("CANCELLED", "failed calling webhook"))).toBe(0);
  });

  it("tries again, then gives the value; gives up at once where it cannot help", async () => {
    let tries = 0;
    const value = await persist(async () => {
      if (++tries < 3) throw new Fault("UNAVAILABLE", "away");
      return "here";
    }, never);
    expect([value, tries]).toEqual(["here", 3]);
    await expect(persist(() => Promise.reject(new Fault("INVALID", "no")), never)).rejects.toThrow("no");
  });
});

describe("runGraph", () => {
  const step = (id: string, needs: string[] = [], after: string[] = []): RestoreStep => ({
    kind: "namespace",
    id,
    needs,
    after,
    why: "",
    name: id,
    labels: {},
    annotations: {},
  });

  it("runs in order of needs, and holds back only what needs a failure", async () => {
    const done: string[] = [];
    const held: string[] = [];
    await runGraph(
      [
        step("a"),
        step("bad"),
        step("b", ["a"]),
        step("c", ["bad"]),
        step("d", ["c", "b"]),
        step("e", [], ["bad", "c"]),
      ],
      {
        async perform({ id }) {
          await new Promise((resolve) => setTimeout(resolve, id === "a" ? 20 : 1));
          done.push(id);
          return id !== "bad";
        },
        blocked: ({ id }, failed) => held.push(`${id} by ${failed.join()}`),
      },
    );
    expect(done.indexOf("a")).toBeLessThan(done.indexOf("b"));
    expect(done.toSorted()).toEqual(["a", "b", "bad", "e"]);
    expect(held).toEqual(["c by bad", "d by c"]);
  });
});

describe("mergeServiceAccount", () => {
  it("unites lists by name and keeps both sides", () => {
    const account = (secrets: string[]): KubeObject => ({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default" },
      imagePullSecrets: secrets.map((name) => ({ name })),
    });
    expect(mergeServiceAccount(account(["a", "b"]), account(["b", "c"])).imagePullSecrets).toEqual([
      { name: "a" },
      { name: "b" },
      { name: "c" },
    ]);
  });
});

describe("differences", () => {
  const object = (rest: object, metadata: object = {}) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a", ...metadata },
    ...rest,
  });

  it("names the fields in which the cluster is not as the point, and no value", () => {
    const wanted = object(
      { spec: { nodeName: "n", containers: [{ name: "main", image: "a:1" }], args: ["x", "y"] } },
      { labels: { app: "a" }, annotations: { "example.com/x": "1" } },
    );
    const live = object({
      spec: { containers: [{ name: "side" }, { name: "main", image: "a:2" }], args: ["x"], more: 1 },
    });
    expect(differences(live, wanted)).toEqual([
      "spec.nodeName",
      "spec.containers[main].image",
      "spec.args",
      "metadata.labels.app",
      "metadata.annotations.example.com/x",
    ]);
    expect(differences(wanted, wanted)).toEqual([]);
    expect(differences(object({ kind: "Secret" }), object({ data: { password: "c2VjcmV0" } }))).toEqual([
      "kind",
      "data",
    ]);
  });
});
