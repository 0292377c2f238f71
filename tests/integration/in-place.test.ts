/**
 * Replacing the content of a claim in place, as far as an API server with its real controllers can tell: who is stopped and
 * started, which volume the mover gets, what is left behind. There is no kubelet, so a stand-in looks at what a mover
 * would mount; the content itself is proved on the lab (tests/scenarios/in-place.test.ts).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../../src/base/wait.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { objectsOf } from "../../src/kube/objects.ts";
import { claims, deployments, namespaces, pods, volumes } from "../../src/kube/well-known.ts";
import { type Movers, runLabel, systemNamespace } from "../../src/movers/contract.ts";
import type { RestoreComponent } from "../../src/plan/restore-options.ts";
import { sampleObject, samplePoint } from "../../src/plan/restore-sample.ts";
import { abandonRun } from "../../src/restore/index.ts";
import type { TargetStore } from "../../src/store/contract.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { depsOf, directoryTarget, planAndRestore, pointOf } from "./restore-kit.ts";
import { cleanUp } from "./store-kit.ts";

const namespace = "shop";
const stopped = "holdfast.dev/stopped";
const statefulSets = { group: "apps", version: "v1", plural: "statefulsets", namespaced: true };

const workload = (name: string, claim: string, replicas: number): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        automountServiceAccountToken: false,
        containers: [{ name: "web", image: "web:1" }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim } }],
      },
    },
  },
});

const claimOf = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace },
  spec: {
    accessModes: ["ReadWriteOnce"],
    storageClassName: "",
    volumeName: `pv-${name}`,
    resources: { requests: { storage: "2Gi" } },
  },
});

const volumeOf = (claim: string): KubeObject => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: `pv-${claim}` },
  spec: {
    capacity: { storage: "2Gi" },
    accessModes: ["ReadWriteOnce"],
    persistentVolumeReclaimPolicy: "Delete",
    csi: { driver: "csi.example", volumeHandle: `handle-${claim}`, volumeAttributes: { pool: "fast" } },
    claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claim },
  },
});

describe.skipIf(!canStartApiServer)("replacing in place", () => {
  let api: ApiServer;
  let client: KubeClient;
  let target: TargetStore;
  let access: { kind: "directory"; path: string };
  let point: RecoveryPoint;
  /** What the movers found, and what they shall do. */
  let seen: { handle: string; pods: number; replicas: number[] }[] = [];
  let failing = false;
  let coming: KubeObject | undefined;
  let count = 0;

  const get = (name: string) => client.get(deployments, name, namespace);
  const podsIn = async () => (await objectsOf(client, pods, { namespace })).length;

  const movers: Movers = {
    async run(_task, volume) {
      const name = volume.kind === "claim" ? volume.claim : "";
      const claim = await client.get(claims, name, systemNamespace);
      const { spec } = await client.get(volumes, claim.spec.volumeName);
      const replicas = await Promise.all(["web", "api"].map(async (one) => (await get(one)).spec.replicas as number));
      seen.push({ handle: spec.csi.volumeHandle, pods: await podsIn(), replicas });
      if (coming && spec.csi.volumeHandle === "handle-data") await client.create(pods, coming);
      if (failing) throw new Error("the mover ran into a wall");
      return { kind: "restored", files: 1, bytes: 1 };
    },
    cleanUp: async () => {},
  };

  async function restoreIt(run: string, change: Partial<RestoreComponent> = {}) {
    const component = {
      sourceNamespace: namespace,
      restoreNamespace: namespace,
      flags: {},
      transforms: [],
      storageClassMap: {},
      readyWaitSeconds: 0,
      onConflict: { default: "skip" as const },
      onVolumeConflict: "replace" as const,
      ...change,
    };
    const { report } = await planAndRestore(depsOf(client, target, access, { movers, run }), point, [component]);
    return report;
  }

  const newRun = () => `in-place-${++count}`;
  const settled = () =>
    waitFor(async () => ((await podsIn()) === 6 ? true : undefined), { reason: "pods of both", seconds: 30 });

  beforeAll(async () => {
    api = await startApiServer({
      controllers: [
        "deployment-controller",
        "replicaset-controller",
        "persistentvolume-binder-controller",
        "persistentvolume-protection-controller",
        "persistentvolumeclaim-protection-controller",
        "garbage-collector-controller",
      ],
    });
    client = await connect({ kubeconfig: api.kubeconfig });
    ({ target, access } = await directoryTarget());
    for (const name of [namespace, systemNamespace])
      await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    for (const name of ["data", "files"]) {
      await client.create(volumes, volumeOf(name));
      await client.create(claims, claimOf(name));
      await waitFor(
        async () => ((await client.get(claims, name, namespace)).status?.phase === "Bound" ? true : undefined),
        { reason: "the claim to be bound", seconds: 30 },
      );
    }
    await client.create(deployments, workload("web", "data", 4));
    await client.create(deployments, workload("api", "files", 2));
    await settled();
    const saved = ["data", "files"].map((name) =>
      sampleObject("v1", "PersistentVolumeClaim", namespace, name, { spec: claimOf(name).spec }),
    );
    const stored = await pointOf(target, saved);
    const [like] = samplePoint().namespaces[0]?.volumes ?? [];
    if (!like) throw new Error("the sample has a volume");
    const [home] = stored.namespaces;
    if (!home) throw new Error("the point has a namespace");
    const recordOf = (claim: string) => ({
      ...like,
      repository: home.objects.repository,
      volume: { ...like.volume, id: `${namespace}/${claim}`, namespace, claim },
    });
    point = { ...stored, namespaces: [{ ...home, volumes: [recordOf("data"), recordOf("files")] }] };
  }, 120_000);

  afterAll(async () => {
    await client?.close();
    await target?.close();
    await api?.stop();
    await cleanUp();
  });

  it("stops what mounts the claims, gives the same storage to the mover, and starts everything as it was", async () => {
    seen = [];
    const before = await client.get(claims, "data", namespace);
    const report = await restoreIt(newRun());
    expect(report.volumes.map((one) => [one.id, one.result])).toEqual(
      expect.arrayContaining([
        ["shop/data", "restored"],
        ["shop/files", "restored"],
      ]),
    );
    expect(seen.map((one) => one.handle).sort()).toEqual(["handle-data", "handle-files"]);
    for (const one of seen) expect(one).toMatchObject({ pods: 0, replicas: [0, 0] });
    expect((await get("web")).spec.replicas).toBe(4);
    expect((await get("api")).spec.replicas).toBe(2);
    for (const name of ["web", "api"]) expect((await get(name)).metadata.annotations?.[stopped]).toBeUndefined();
    const after = await client.get(claims, "data", namespace);
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.spec.volumeName).toBe("pv-data");
    expect(after.metadata.annotations?.["holdfast.dev/restored-from"]).toBe(point.id);
    await settled();
  });

  it("leaves nothing behind: no second volume, no claim, and the policy of the first as it was", async () => {
    await waitFor(async () => ((await objectsOf(client, volumes)).length === 2 ? true : undefined), {
      reason: "the twins to go",
      seconds: 30,
    });
    expect(await objectsOf(client, claims, { namespace: systemNamespace })).toEqual([]);
    expect((await client.get(volumes, "pv-data")).spec.persistentVolumeReclaimPolicy).toBe("Delete");
  });

  it("failed half way: what mounts it stays stopped and says why; the next restore ends it, as it was at first", async () => {
    await settled();
    seen = [];
    failing = true;
    const report = await restoreIt(newRun());
    failing = false;
    expect(report.volumes.map((one) => one.result)).toEqual(["failed", "failed"]);
    const web = report.outcomes.find((one) => one.ref.kind === "Deployment" && one.ref.name === "web");
    expect(web).toMatchObject({
      result: "failed",
      reason: expect.stringMatching(/stays stopped: the content of data/),
    });
    expect((await get("web")).spec.replicas).toBe(0);
    // Without a word on volumes, nobody may take the half for a whole.
    await expect(restoreIt(newRun(), { onVolumeConflict: "keep" })).rejects.toThrow(/VOLUME_HALF_REPLACED/);
    const again = await restoreIt(newRun());
    expect(again.volumes.map((one) => one.result)).toEqual(["restored", "restored"]);
    expect((await get("web")).spec.replicas).toBe(4);
    expect((await get("api")).spec.replicas).toBe(2);
    await settled();
  });

  it("killed, the same run goes on: what was replaced is not replaced again, what was stopped is started", async () => {
    const run = newRun();
    // As a kill leaves it: one volume done, one half, its twin there, both workloads stopped.
    const mark = (name: string, annotations: Record<string, string>) =>
      client.patch(claims, name, namespace, { metadata: { annotations } });
    await mark("data", { "holdfast.dev/replaced-by": run });
    await mark("files", { "holdfast.dev/replacing": run });
    for (const [name, was] of [
      ["web", 4],
      ["api", 2],
    ] as const) {
      const claim = name === "web" ? "data" : "files";
      const annotations = { [stopped]: JSON.stringify({ run, was, claims: [claim] }) };
      await client.patch(deployments, name, namespace, { metadata: { annotations }, spec: { replicas: 0 } });
    }
    seen = [];
    await restoreIt(run);
    expect(seen.map((one) => one.handle)).toEqual(["handle-files"]);
    expect((await get("web")).spec.replicas).toBe(4);
    expect((await get("api")).spec.replicas).toBe(2);
    await settled();
  });

  it("killed for good, the cleaning up removes the twin and leaves the storage", async () => {
    const run = newRun();
    const { spec } = volumeOf("data");
    const { claimRef: _, ...source } = spec;
    const metadata = {
      name: "restore-twin",
      labels: { [runLabel]: run },
      annotations: { "holdfast.dev/twin-of": "pv-data" },
    };
    const twin = { ...source, storageClassName: "", persistentVolumeReclaimPolicy: "Retain" };
    await client.create(volumes, { apiVersion: "v1", kind: "PersistentVolume", metadata, spec: twin });
    await abandonRun(client, run);
    await waitFor(async () => ((await client.find(volumes, "restore-twin")) ? undefined : true), {
      reason: "the twin to go",
      seconds: 20,
    });
    expect((await client.get(volumes, "pv-data")).status?.phase).toBe("Bound");
  });

  it("keep: nothing is stopped, nothing is replaced", async () => {
    seen = [];
    const report = await restoreIt(newRun(), { onVolumeConflict: "keep" });
    expect(seen).toEqual([]);
    expect(report.outcomes.find((one) => one.ref.name === "data")?.result).toBe("skipped");
    expect(await podsIn()).toBe(6);
  });

  it("onlyData replaces the content too; onlyMetadata does not touch it", async () => {
    seen = [];
    await restoreIt(newRun(), { flags: { onlyMetadata: true } });
    expect(seen).toEqual([]);
    await restoreIt(newRun(), { flags: { onlyData: true } });
    expect(seen).toHaveLength(2);
    await settled();
  });

  it("refuses a pod that nobody would make again, and starts what it had stopped", async () => {
    const { spec } = workload("alone", "data", 1).spec.template;
    await client.create(pods, { apiVersion: "v1", kind: "Pod", metadata: { name: "alone", namespace }, spec });
    seen = [];
    const report = await restoreIt(newRun());
    expect(seen).toEqual([]);
    expect(report.findings.find((one) => one.code === "STEP_FAILED")?.message).toMatch(
      /pod shop\/alone mounts a volume/,
    );
    expect(report.volumes.map((one) => one.result)).toEqual(["failed", "failed"]);
    for (const [name, replicas] of [
      ["web", 4],
      ["api", 2],
    ] as const)
      expect((await get(name)).spec.replicas).toBe(replicas);
    await client.remove(pods, "alone", namespace);
  });

  it("stops no StatefulSet that would delete its claims", async () => {
    const set = workload("db", "data", 1);
    const persistentVolumeClaimRetentionPolicy = { whenScaled: "Delete", whenDeleted: "Retain" };
    const spec = { ...set.spec, serviceName: "db", persistentVolumeClaimRetentionPolicy };
    const made = await client.create(statefulSets, { ...set, kind: "StatefulSet", spec });
    // There is no controller of StatefulSets here: its pod is made by hand.
    const { metadata, spec: pod } = spec.template;
    const owner = {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      name: "db",
      uid: made.metadata.uid ?? "",
      controller: true,
    };
    await client.create(pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...metadata, name: "db-0", namespace, ownerReferences: [owner] },
      spec: pod,
    });
    const report = await restoreIt(newRun());
    expect(report.findings.find((one) => one.code === "STEP_FAILED")?.message).toMatch(/deletes its claims when/);
    expect((await client.get(statefulSets, "db", namespace)).spec.replicas).toBe(1);
    await client.remove(statefulSets, "db", namespace);
    await client.remove(pods, "db-0", namespace);
    await settled();
  });

  it("does not call it done where a pod came back in between", async () => {
    seen = [];
    coming = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "came", namespace },
      spec: workload("came", "data", 1).spec.template.spec,
    };
    const report = await restoreIt(newRun());
    coming = undefined;
    expect(report.volumes.find((one) => one.id === "shop/data")?.reason).toMatch(/pod came mounted shop\/data/);
    expect((await get("web")).spec.replicas).toBe(0);
    await client.remove(pods, "came", namespace);
    await restoreIt(newRun());
    expect((await get("web")).spec.replicas).toBe(4);
    await settled();
  });

  it("refuses what does not fit before anything is touched", async () => {
    const [home] = point.namespaces;
    const [first, second] = home?.volumes ?? [];
    if (!home || !first || !second) throw new Error("sample");
    const whole = point;
    point = { ...point, namespaces: [{ ...home, volumes: [{ ...first, bytes: 5 * 2 ** 30 }, second] }] };
    seen = [];
    const report = await restoreIt(newRun());
    point = whole;
    expect(report.volumes.find((one) => one.id === "shop/data")?.reason).toMatch(/has 2.*GiB, and the point holds 5/);
    expect(seen.map((one) => one.handle)).toEqual(["handle-files"]);
    expect((await get("web")).spec.replicas).toBe(4);
  });
});
