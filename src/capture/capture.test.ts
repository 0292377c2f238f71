import { describe, expect, it } from "vitest";
import type { Inventory, Volume } from "../flow/inventory.ts";
import { keepAsIs, withSource } from "../flow/kept.ts";
import type { KubeObject } from "../flow/object.ts";
import { pointId } from "./capture.ts";
import { quoted } from "../kube/database-mysql.ts";
import { mounts } from "./live.ts";
import { skewOf } from "./skew.ts";
import { boundAgain, cloneClaim, snapshotName } from "./snapshot-objects.ts";
import { taskId } from "./volumes.ts";

const volume: Volume = {
  id: "ns/data",
  namespace: "ns",
  claim: "data",
  claimUid: "u",
  volumeName: "pv",
  storageClass: "fast",
  driver: "d",
  handle: "h",
  capacity: 1000,
  accessModes: ["ReadWriteMany"],
  mode: "Filesystem",
  snapshotClass: "sc",
};

function object(kind: string, name: string, resourceVersion: string): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name, namespace: "ns", resourceVersion } };
}

describe("a mover's name", () => {
  it("is another for every volume, also where namespace and claim join to the same text", () => {
    expect(taskId("volume:team-a/data")).not.toBe(taskId("volume:team/a-data"));
    expect(taskId("volume:team/a-data")).toMatch(/^[a-z0-9-]{1,40}$/);
  });
});

describe("skew", () => {
  const inventory = {
    objects: [object("ConfigMap", "a", "1"), object("ConfigMap", "b", "2"), object("Lease", "l", "3")].map((one) => ({
      ref: { group: "", kind: one.kind, namespace: "ns", name: one.metadata.name },
      object: one,
    })),
  } as unknown as Inventory;

  it("names what changed or came between the two looks, and no heartbeat", () => {
    const skew = skewOf(inventory);
    for (const one of [
      object("ConfigMap", "a", "1"),
      object("ConfigMap", "b", "9"),
      object("Lease", "l", "9"),
      object("Secret", "new", "4"),
    ])
      skew.seen(one);
    expect(skew.changed()).toEqual(["ConfigMap ns/b", "Secret ns/new"]);
  });

  it("does not count the cut itself, which puts a finalizer on the claim", () => {
    const before = object("PersistentVolumeClaim", "data", "1");
    const skew = skewOf({
      objects: [{ ref: { group: "", kind: before.kind, namespace: "ns", name: "data" }, object: before }],
    } as unknown as Inventory);
    skew.seen({
      ...before,
      metadata: {
        ...before.metadata,
        resourceVersion: "2",
        finalizers: ["snapshot.storage.kubernetes.io/pvc-as-source-protection"],
      },
    });
    expect(skew.changed()).toEqual([]);
    skew.seen({ ...before, metadata: { ...before.metadata, resourceVersion: "3", labels: { new: "label" } } });
    expect(skew.changed()).toEqual(["PersistentVolumeClaim ns/data"]);
  });

  it("tells a change of what a restore writes from one of the status, also in a Secret that it shows without values", () => {
    const pod = { ...object("Pod", "p", "1"), status: { phase: "Pending" } };
    const secret = { ...object("Secret", "s", "1"), data: { key: "dmFsdWU=" } };
    const shown = { ...secret, data: { key: "" } };
    const ref = (one: KubeObject) => ({ group: "", kind: one.kind, namespace: "ns", name: one.metadata.name });
    const skew = skewOf({
      objects: [{ ref: ref(pod), object: pod }, withSource({ ref: ref(secret), object: shown }, keepAsIs(secret))],
    } as unknown as Inventory);
    const later = (one: KubeObject, more: object) => ({
      ...one,
      ...more,
      metadata: { ...one.metadata, resourceVersion: "2" },
    });
    skew.seen(later(pod, { status: { phase: "Running" } }));
    skew.seen(later(secret, {}));
    expect(skew.counts()).toEqual({ content: 0, status: 2 });
    const calm = skewOf({ objects: [{ ref: ref(pod), object: pod }] } as unknown as Inventory);
    const annotations = { "control-plane.alpha.kubernetes.io/leader": "x" };
    calm.seen({ ...pod, metadata: { ...pod.metadata, resourceVersion: "2", annotations } });
    expect(calm.counts()).toEqual({ content: 0, status: 1 });
    skew.seen(later(secret, { data: { key: "b3RoZXI=" } }));
    expect(skew.counts()).toEqual({ content: 1, status: 2 });
  });

  it("is bounded", () => {
    const skew = skewOf(inventory);
    for (let index = 0; index < 1000; index++) skew.seen(object("Secret", `s${index}`, "1"));
    expect(skew.changed()).toHaveLength(201);
    expect(skew.changed().at(-1)).toBe("and 800 more");
  });
});

describe("what a snapshot and its clone are made of", () => {
  it("has names of its run, other ones for a second try", () => {
    expect(snapshotName("run", volume, 1)).toBe(snapshotName("run", volume, 1));
    expect(
      new Set([snapshotName("run", volume, 1), snapshotName("run", volume, 2), snapshotName("other", volume, 1)]).size,
    ).toBe(3);
  });

  it("binds the driver's snapshot again, so that removing the binding never removes the snapshot", () => {
    const source: KubeObject = {
      apiVersion: "v1",
      kind: "VolumeSnapshotContent",
      metadata: { name: "snapcontent-1" },
      spec: { driver: "d", deletionPolicy: "Delete", sourceVolumeMode: "Filesystem", volumeSnapshotClassName: "sc" },
      status: { snapshotHandle: "handle-7" },
    };
    const { content, snapshot } = boundAgain("run", "n", "holdfast-system", source);
    expect(content.spec).toMatchObject({
      deletionPolicy: "Retain",
      source: { snapshotHandle: "handle-7" },
      volumeSnapshotRef: { name: "n", namespace: "holdfast-system" },
    });
    expect(snapshot.spec.source).toEqual({ volumeSnapshotContentName: "n" });
  });

  it("asks for a clone of at least the snapshot's size, in a mode that the driver served", () => {
    const clone = cloneClaim("run", "n", "holdfast-system", volume, 4096);
    expect(clone.spec).toMatchObject({
      storageClassName: "fast",
      accessModes: ["ReadWriteMany"],
      resources: { requests: { storage: "4096" } },
    });
  });
});

describe("small things that must be right", () => {
  it("makes ids that sort by time", () => {
    expect(pointId(new Date("2026-11-21T03:15:00.123Z"), "run")).toMatch(/^20261121T031500Z-[0-9a-f]{8}$/);
  });

  it("quotes names of tables", () => {
    expect(quoted("odd`name")).toBe("`odd``name`");
  });

  it("takes only running pods as users of a volume", () => {
    const pod = (phase: string): KubeObject => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p" },
      status: { phase },
      spec: { nodeName: "n", volumes: [{ persistentVolumeClaim: { claimName: "data" } }] },
    });
    expect([mounts(pod("Running"), "data"), mounts(pod("Running"), "other"), mounts(pod("Succeeded"), "data")]).toEqual(
      [true, false, false],
    );
  });
});
