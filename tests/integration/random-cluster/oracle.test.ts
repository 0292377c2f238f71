/** What judges has to be able to say no. Pure: no cluster is needed. */
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../src/flow/object.ts";
import { clusterOf } from "./cluster.ts";
import { unexplained } from "./differences.ts";
import { fateOf } from "./fates.ts";
import { movedBy } from "./moved.ts";

const number = (digits: string) => ({ "#": digits });

function configMap(change: (object: KubeObject) => void = () => {}, kind = "ConfigMap"): KubeObject {
  const object: KubeObject = {
    apiVersion: "v1",
    kind,
    metadata: { name: "a", namespace: "ns", uid: "1", resourceVersion: "5", finalizers: ["x.example.com/y"] },
    data: { list: ["a", null], large: number("9007199254740993"), empty: {} },
    spec: { clusterIP: "10.0.0.1" },
  };
  change(object);
  return object;
}

function pathsOf(change: (object: KubeObject) => void, was = configMap()): string[] {
  const is = structuredClone(was);
  change(is);
  return unexplained({ was, is, target: () => undefined, moved: false }).map((one) => one.path);
}

describe("the judge of random clusters", () => {
  it("lets go what is declared", () => {
    const change = ({ metadata }: KubeObject) => {
      metadata.uid = "2";
      metadata.resourceVersion = "9";
      delete metadata.finalizers;
    };
    expect(pathsOf(change)).toEqual([]);
  });

  it.each<[string, (object: KubeObject) => void]>([
    ["data.large", (object) => (object.data.large = number("9007199254740992"))],
    ["data.large", (object) => (object.data.large = "9007199254740993")],
    ["data.list[1]", (object) => object.data.list.pop()],
    ["data.empty", (object) => delete object.data.empty],
    ["data.more", (object) => (object.data.more = 1)],
    ["spec.clusterIP", (object) => (object.spec.clusterIP = "10.0.0.2")], // a Service's, and no other's
    ["metadata.labels.new", (object) => (object.metadata.labels = { new: "1" })],
    ["metadata.finalizers", (object) => (object.metadata.finalizers = ["another.example.com/z"])],
    [
      "metadata.ownerReferences",
      (object) => (object.metadata.ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "old" }]),
    ],
  ])("sees %s", (path, change) => {
    expect(pathsOf(change)).toEqual([path]);
  });

  it("wants links to owners that are there, and the ends of runs", () => {
    const owner = { apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "1" };
    const was = configMap((object) => (object.metadata.ownerReferences = [owner]));
    const live = configMap((object) => (object.metadata.uid = "2"));
    const is = (uid?: string) => configMap((object) => uid && (object.metadata.ownerReferences = [{ ...owner, uid }]));
    const judged = (uid?: string) => unexplained({ was, is: is(uid), target: () => live, moved: false }).length;
    expect([judged("2"), judged("1"), judged()]).toEqual([0, 1, 1]);

    const status = { conditions: [{ type: "Complete", status: "True" }] };
    const job = configMap((object) => (object.status = status), "Job");
    expect(pathsOf((object) => delete object.status, job)).toEqual(["status"]);
  });

  it("knows what stays away, and follows a namespace", () => {
    const nothing = () => undefined;
    expect(fateOf(configMap(), nothing).is).toBe("back");
    expect(
      fateOf(
        configMap((object) => (object.metadata.deletionTimestamp = "now")),
        nothing,
      ).is,
    ).toBe("away");
    const text = configMap((object) => (object.data = { url: "db.ns.svc, x.ns.svc, db.nss.svc" }));
    const moved = movedBy(new Map([["ns", "to"]]), text, (_namespace, name) => name === "db");
    expect(moved.data.url).toBe("db.to.svc, x.ns.svc, db.nss.svc");
    expect(moved.metadata.namespace).toBe("to");
  });
});

describe("the generator", () => {
  it("makes the same cluster of the same seed: several hundred objects of at least 40 kinds", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { drafts } = clusterOf(seed);
      expect(drafts.length).toBeGreaterThanOrEqual(200);
      expect(new Set(drafts.map((one) => one.spec)).size).toBeGreaterThanOrEqual(40);
      expect(clusterOf(seed).drafts).toEqual(drafts);
      const names = drafts.map(
        ({ object }) => `${object.apiVersion} ${object.kind} ${object.metadata.namespace}/${object.metadata.name}`,
      );
      expect(new Set(names).size).toBe(names.length);
    }
    expect(clusterOf(1).drafts).not.toEqual(clusterOf(2).drafts);
  });
});
