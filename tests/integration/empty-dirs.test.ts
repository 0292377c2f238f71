/** The emptyDir of a running pod, from a plan on a real API server through a real mover to a restore plan. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { perform } from "../../src/agent/mover.ts";
import { Fault } from "../../src/base/fault.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { namespaces, pods } from "../../src/kube/well-known.ts";
import type { Movers, MoverVolume } from "../../src/movers/contract.ts";
import { runBackup } from "../../src/run/backup.ts";
import { backupRunOf } from "../../src/run/specs.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { depsOf, directoryTarget, makePlan } from "./restore-kit.ts";
import { cleanUp, temporary } from "./store-kit.ts";

const namespace = "lab";
const spec = {
  nodeName: "n1",
  restartPolicy: "Never",
  volumes: [{ name: "scratch", emptyDir: {} }],
  containers: [
    {
      name: "main",
      image: "quay.io/team/train:1",
      args: ["--output_dir=/scratch/run"],
      volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
    },
  ],
};

describe.skipIf(!canStartApiServer)("the emptyDir of a running pod", () => {
  let api: ApiServer;
  let client: KubeClient;
  let store: Awaited<ReturnType<typeof directoryTarget>>;
  let data: string;
  const read: MoverVolume[] = [];

  /** Reads `data` where kubelet would have mounted the emptyDir. */
  const inProcess: Movers = {
    async run(task, volume, { signal = new AbortController().signal }) {
      read.push(volume);
      return perform(task, { data, write: () => undefined, signal });
    },
    cleanUp: async () => {},
  };

  beforeAll(async () => {
    api = await startApiServer();
    client = await connect({ kubeconfig: api.kubeconfig });
    store = await directoryTarget();
    data = await temporary();
    for (const [step, commit] of [
      [10, '{"commit_timestamp_nsecs": 1}'],
      [20, "{}"],
    ] as const) {
      await mkdir(join(data, `run/${step}`), { recursive: true });
      await writeFile(join(data, `run/${step}/_CHECKPOINT_METADATA`), commit);
    }
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const accounts = { group: "", version: "v1", plural: "serviceaccounts" };
    await client.create(accounts, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default", namespace },
    });
    const jobs = { group: "batch", version: "v1", plural: "jobs" };
    const template = { spec };
    const job = await client.create(jobs, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "train", namespace },
      spec: { template },
    });
    await makePod(job);
  }, 60_000);

  afterAll(async () => {
    await client?.close();
    await store?.target.close();
    await api?.stop();
    await cleanUp();
  });

  async function makePod(job: KubeObject): Promise<void> {
    const owner = { apiVersion: "batch/v1", kind: "Job", name: "train", uid: job.metadata.uid ?? "", controller: true };
    await client.create(pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "train-x1", namespace, ownerReferences: [owner] },
      spec,
    });
    const status = { status: { phase: "Running" } };
    await client.patch(pods, "train-x1", namespace, status, { subresource: "status" });
  }

  async function backUp(name: string, movers: Movers, volumePolicies?: unknown): Promise<RecoveryPoint> {
    const plan = {
      apiVersion: "holdfast.dev/v1alpha1",
      kind: "ClusterBackupPlan",
      metadata: { name: "p", uid: "p" },
      spec: {
        backupConfig: { target: { name: "t", namespace: "holdfast-system" } },
        backupComponents: [{ namespace }],
        ...(volumePolicies ? { volumePolicies } : {}),
      },
    };
    const backup = {
      apiVersion: "holdfast.dev/v1alpha1",
      kind: "ClusterBackup",
      metadata: { name, uid: name },
      spec: { clusterBackupPlan: { name: "p" }, type: "Full" },
    };
    const deps = depsOf(client, store.target, store.access, { movers });
    return runBackup({ ...deps, staging: await temporary() }, backupRunOf(backup, plan, name, "lab"));
  }

  const volumesOf = (point: RecoveryPoint) => point.namespaces[0]!.volumes;
  const codesOf = (point: RecoveryPoint) => point.findings.map(({ code }) => code);
  const policies = [{ conditions: { volumeTypes: ["emptyDir"] }, action: { type: "live" } }];

  it("is left with a warning where the plan does not name it", async () => {
    const point = await backUp("first", inProcess);
    expect(volumesOf(point)).toEqual([]);
    expect(codesOf(point)).toContain("EMPTYDIR_STATE");
  }, 60_000);

  it("is read where its pod runs, and comes back in a claim from which the job can go on", async () => {
    const point = await backUp("second", inProcess, policies);
    expect(read).toMatchObject([{ kind: "live", node: "n1", volumeName: "scratch", emptyDir: true }]);
    expect(volumesOf(point)).toMatchObject([
      {
        method: "live",
        files: 2,
        volume: { id: "lab/emptydir/train-scratch", emptyDir: { name: "scratch", owner: "Job/train" } },
        contents: { runs: [{ directory: "run", framework: "Orbax", newestComplete: "run/10" }] },
      },
    ]);
    expect(codesOf(point)).toEqual(expect.arrayContaining(["EMPTYDIR_CAPTURED", "CHECKPOINT_PARTIAL"]));
    expect(codesOf(point)).not.toContain("EMPTYDIR_STATE");

    const flags = { setAsidePartialCheckpoints: true };
    const component = {
      sourceNamespace: namespace,
      restoreNamespace: "other",
      flags,
      transforms: [],
      storageClassMap: {},
    };
    const plan = await makePlan(depsOf(client, store.target, store.access), point, [component]);
    const ids = plan.steps.map(({ id }) => id);
    const step = plan.steps.find((one) => one.id === "volume:other/train-scratch");
    expect(step).toMatchObject({
      needs: ["namespace:other"],
      claim: { metadata: { namespace: "other" } },
      edits: [{ kind: "set-aside", path: "run/20" }],
    });
    expect(ids.indexOf("volume:other/train-scratch")).toBeLessThan(ids.indexOf("object:Job.batch other/train"));
    const told = Object.fromEntries(plan.findings.map(({ code, message }) => [code, message]));
    expect(told.RESUME_FROM_CHECKPOINT).toContain(
      "it can go on from step 10 (run/10) in emptyDir scratch, which comes back as claim train-scratch",
    );
    expect(Object.keys(told)).toEqual(expect.arrayContaining(["EMPTYDIR_AS_CLAIM", "CHECKPOINTS_SET_ASIDE"]));
    expect(Object.keys(told)).not.toContain("RESTART_FROM_ZERO");
  }, 60_000);

  it("that goes with its pod while it is read ends no backup, and is told", async () => {
    const vanishing: Movers = {
      run: async () => {
        await client.remove(pods, "train-x1", namespace);
        throw new Fault("VOLUME", "the directory is gone");
      },
      cleanUp: async () => {},
    };
    const point = await backUp("third", vanishing, policies);
    expect(volumesOf(point)).toEqual([]);
    expect(codesOf(point)).toContain("EMPTYDIR_GONE");
  }, 60_000);
});
