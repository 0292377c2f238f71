/**
 * Does inspect name what is wrong, and nothing else? The walkthrough's platform on a real API server and a real S3 server, as it
 * is when all is well, and with twelve faults planted in it.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { customResourceDefinitions } from "../../src/api/generate/crd.ts";
import { silentProgress } from "../../src/base/progress.ts";
import { waitFor } from "../../src/base/wait.ts";
import { probeBuckets } from "../../src/discover/bucket-probe.ts";
import { discover } from "../../src/discover/index.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import type { RegistryRows } from "../../src/flow/rows.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { crds, namespaces } from "../../src/kube/well-known.ts";
import { planBackup } from "../../src/plan/backup.ts";
import { inspect } from "../../src/plan/inspect/inspect.ts";
import type { Report } from "../../src/plan/inspect/report.ts";
import {
  app,
  base64,
  boundClaim,
  bucketName,
  connectionName,
  ownedBy,
  registries,
  runningPod,
  sample,
} from "../../src/profiles/walkthrough.sample.ts";
import { pointStatus } from "../../src/run/point-status.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { createAll, definePlatform, fillBucket, platformOn } from "./inspect-kit.ts";
import { cleanUp, s3Server, type S3Server, temporary } from "./store-kit.ts";

let api: ApiServer;
let client: KubeClient;
let s3: S3Server;

beforeAll(async () => {
  [api, s3] = await Promise.all([startApiServer(), s3Server()]);
  client = await connect({ kubeconfig: api.kubeconfig });
  await definePlatform(client);
  await fillBucket(s3, bucketName, {
    "models/iris/model.joblib": "iris",
    "models/opt-125m/model.safetensors": "opt125m",
  });
  await createAll(client, platformOn(s3));
});
afterAll(async () => {
  await client?.close();
  await api?.stop();
  await cleanUp();
});

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const holdfast = (...args: readonly string[]) => holdfastWith({}, ...args);

function holdfastWith(more: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Answer> {
  const env = { ...process.env, KUBECONFIG: api.kubeconfig, NO_COLOR: "1", HOLDFAST_IMAGE: "none", ...more };
  return new Promise((resolve) =>
    execFile(process.execPath, ["src/cli/bin.ts", ...args], { env, maxBuffer: 64 << 20 }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    ),
  );
}

/** What the command line prints as JSON; it must have said nothing else. */
async function inspected(...args: readonly string[]): Promise<Report> {
  const { code, out, err } = await holdfast("inspect", ...args, "-o", "json");
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

/** "CODE subject", in the order in which they are told. */
const named = ({ faults }: Pick<Report, "faults">) => faults.map((one) => `${one.code} ${one.subject}`);

const pvc = (name: string) => ({ name, persistentVolumeClaim: { claimName: name } });
const emptyJob = {
  containers: [{ name: "pytorch", image: "x", volumeMounts: [{ name: "work", mountPath: "/mnt/checkpoints" }] }],
  volumes: [{ name: "work", emptyDir: {} }],
};
const endpoint = (name: string, model: Record<string, unknown>) =>
  sample("serving.kserve.io/v1beta1", "InferenceService", app, name, {
    spec: { predictor: { model: { modelFormat: { name: "sklearn" }, runtime: "mlserver-runtime", ...model } } },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  });

/** Each fault, by what inspect must call it, and the objects that make it. */
function plants(): Readonly<Record<string, readonly KubeObject[]>> {
  const job = sample("kubeflow.org/v1", "PyTorchJob", app, "tune", {
    spec: { pytorchReplicaSpecs: { Master: { replicas: 1, template: { spec: emptyJob } } } },
    status: { conditions: [{ type: "Running", status: "True" }] },
  });
  const bench = sample("kubeflow.org/v1", "Notebook", app, "scratchpad", {
    spec: { template: { spec: { containers: [{ name: "scratchpad", image: "x", workingDir: "/home/jovyan" }] } } },
    status: { readyReplicas: 1 },
  });
  const user = { containers: [{ name: "c", image: "x" }], volumes: [pvc("scratch")] };
  return {
    [`EMPTYDIR_STATE ${app} PyTorchJob/tune`]: [
      job,
      runningPod(app, "tune-master-0", emptyJob, { ownerReferences: ownedBy(job) }),
    ],
    [`HF_WITHOUT_REVISION ${app} InferenceService/llama`]: [endpoint("llama", { storageUri: "hf://meta/llama" })],
    [`BUCKET_ONLY_COPY ${app} ObjectBucketClaim/datasets`]: [
      sample("objectbucket.io/v1alpha1", "ObjectBucket", undefined, "obc-datasets", {
        spec: { reclaimPolicy: "Delete" },
      }),
      sample("objectbucket.io/v1alpha1", "ObjectBucketClaim", app, "datasets", {
        spec: { bucketName: "datasets-7f", storageClassName: "noobaa", objectBucketName: "obc-datasets" },
        status: { phase: "Bound" },
      }),
    ],
    [`DATABASE_OUTSIDE_PLAN ${registries} ModelRegistry/second`]: [
      sample("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", registries, "second", {
        spec: {
          mysql: {
            host: "mysql.shared-databases.svc",
            database: "second",
            username: "registry",
            passwordSecret: { name: "model-registry-db", key: "database-password" },
          },
        },
        status: { conditions: [{ type: "Available", status: "True" }] },
      }),
    ],
    [`VOLUME_WITHOUT_SNAPSHOT ${app} PersistentVolumeClaim/scratch`]: [
      sample("storage.k8s.io/v1", "StorageClass", undefined, "local-path", { provisioner: "local.csi" }),
      ...boundClaim(app, "scratch", "local-path", "local.csi"),
      runningPod(app, "etl", user),
    ],
    [`ENDPOINT_WITHOUT_WEIGHTS ${app} InferenceService/churn`]: [
      endpoint("churn", { storage: { key: connectionName, path: "models/churn" } }),
    ],
    [`SECRET_MISSING Secret ${app}/aws-connection-fraud`]: [
      endpoint("fraud", { storage: { key: "aws-connection-fraud", path: "models/fraud" } }),
    ],
    [`WORKBENCH_WITHOUT_VOLUME ${app} Notebook/scratchpad`]: [
      bench,
      runningPod(
        app,
        "scratchpad-0",
        { containers: [{ name: "scratchpad", image: "x" }] },
        { ownerReferences: ownedBy(bench) },
      ),
    ],
    [`CONNECTION_STALE ${app} Secret/aws-connection-old`]: [
      sample("v1", "Secret", app, "aws-connection-old", {
        data: base64({
          AWS_ACCESS_KEY_ID: "of-the-claim-before",
          AWS_SECRET_ACCESS_KEY: "x",
          AWS_S3_BUCKET: bucketName,
          AWS_S3_ENDPOINT: s3.access.endpoint,
        }),
      }),
    ],
    [`WORKFLOW_STATUS_OFFLOADED ${app} Workflow/train-9k2`]: [
      sample(
        "argoproj.io/v1alpha1",
        "Workflow",
        app,
        "train-9k2",
        {
          spec: { entrypoint: "main" },
          status: { phase: "Succeeded", offloadNodeStatusVersion: "fnv:3849" },
        },
        { labels: { "workflows.argoproj.io/completed": "true" } },
      ),
    ],
    [`MILVUS_DELETES_STORES ${app} Milvus/vectors`]: [
      sample("milvus.io/v1beta1", "Milvus", app, "vectors", {
        spec: { dependencies: { etcd: { inCluster: { deletionPolicy: "Delete", pvcDeletion: true } } } },
      }),
    ],
  };
}

/** The twelfth is a row: what a registry answers that has a version whose artifact is gone. */
const rows: RegistryRows = {
  registry: `${registries}/rhoai-registry`,
  versions: [
    {
      id: "7",
      name: "v2",
      model: "iris",
      modelId: "1",
      state: "LIVE",
      updated: "1",
      artifacts: [
        { id: "9", name: "v2", state: "LIVE", updated: "1", uri: `s3://${bucketName}/models/iris-v2` },
        { id: "8", name: "v1", state: "LIVE", updated: "1", uri: `s3://${bucketName}/models/iris` },
      ],
    },
  ],
  apart: [],
};

describe("what protects it", () => {
  const team = "plain-team";
  const system = "holdfast-system";
  const config = (name: string, text: string) => sample("v1", "ConfigMap", team, name, { data: { text } });
  let folder: string;

  beforeAll(async () => {
    folder = join(await temporary(), "target");
    await createAll(client, [sample("v1", "Namespace", undefined, team), config("notes", "one")]);
  });
  const from = () => ["--from", folder, "--key-file", `${folder}.key`];

  it("is nothing at first, then a point of one moment, by a directory", async () => {
    expect((await inspected(team)).verdict.level).toBe("bad");
    const made = await holdfast("backup", "-n", team, "--to", folder, "--key-file", `${folder}.key`, "-o", "json");
    expect([made.code, made.err]).toEqual([0, expect.any(String)]);
    const { id } = JSON.parse(made.out);
    const report = await inspected(team, ...from());
    expect(report.verdict).toMatchObject({
      level: "good",
      text: expect.stringMatching(/^the changes of the last .* and nothing else$/),
    });
    expect(report.protection.point).toMatchObject({ id, target: folder, grade: "A" });
    const { out } = await holdfast("describe", id, ...from());
    expect(out).toMatch(/Consistency:\n {2}A {2}one moment/);
    expect(out).toMatch(new RegExp(`\\+\\d.* objects +${team} +\\d+ objects listed`));
    expect((await holdfast("verify", id, ...from())).out).toMatch(/is whole\nconsistency A: one moment/);
  });

  it("is a plan with its target, and the point that a Backup of the cluster shows", async () => {
    for (const one of customResourceDefinitions()) await client.create(crds, one);
    await waitFor(async () => (await client.resource("holdfast.dev", "ClusterBackup")) || undefined, {
      reason: "Holdfast's kinds to be served",
      seconds: 30,
    });
    const { access } = s3;
    const keyFile = `${folder}-s3.key`;
    const url = `s3://${access.bucket}/prod?endpoint=${access.endpoint}`;
    const keys = { AWS_ACCESS_KEY_ID: access.accessKey, AWS_SECRET_ACCESS_KEY: access.secretKey };
    const made = await holdfastWith(
      keys,
      "backup",
      "-n",
      team,
      "--plan-name",
      "nightly",
      "--to",
      url,
      "--key-file",
      keyFile,
      "-o",
      "json",
    );
    expect([made.code, made.err]).toEqual([0, expect.any(String)]);
    const point = JSON.parse(made.out);
    const own = (kind: string, namespace: string | undefined, name: string, rest: Record<string, unknown>) =>
      sample("holdfast.dev/v1alpha1", kind, namespace, name, rest);
    const credentials = { name: "vault-keys", namespace: system };
    const store = { url: access.endpoint, bucketName: access.bucket, prefix: "prod", credentialSecret: credentials };
    await createAll(client, [
      ...((await client.find(namespaces, system)) ? [] : [sample("v1", "Namespace", undefined, system)]),
      sample("v1", "Secret", system, "vault-keys", { data: base64(keys) }),
      sample("v1", "Secret", system, "holdfast-key-vault", { data: base64({ key: await readFile(keyFile, "utf8") }) }),
      own("Target", system, "vault", { spec: { type: "ObjectStore", objectStoreCredentials: store } }),
      own("ClusterBackupPlan", undefined, "nightly", {
        spec: {
          backupConfig: { target: { name: "vault", namespace: system } },
          backupComponents: [{ namespace: team }],
        },
      }),
      own("ClusterBackup", undefined, "nightly-1", {
        spec: { clusterBackupPlan: { name: "nightly" }, type: "Full" },
        status: pointStatus(point, { name: "vault", namespace: system }),
      }),
    ]);
    const { protection, verdict } = await inspected(team);
    expect(protection).toMatchObject({
      plans: [{ name: "nightly", target: "Target vault", namespaces: [team] }],
      point: { id: point.id, target: `vault.${system}`, grade: "A" },
      unplanned: [],
      command: "holdfast backup nightly --follow",
    });
    expect(protection.unread).toBeUndefined();
    expect(verdict.level).toBe("good");
    expect((await holdfast("describe", "nightly-1")).out).toMatch(/Consistency: +A: no database had to be held/);
    const text = (await holdfast("inspect", team)).out;
    expect(text).toContain("Plan: ClusterBackupPlan nightly to Target vault, namespaces plain-team.");
  });
});

describe("inspect", () => {
  it("names no fault on the healthy platform, and answers in seconds", async () => {
    const started = Date.now();
    const report = await inspected(app, registries);
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(named(report)).toEqual([]);
    expect(report.notes.map((one) => one.code).sort()).toEqual(["BUCKET_CLAIM_DELETES", "PLATFORM_OWNED"]);
    expect(report.buckets[0]).toMatchObject({ size: { objects: 2, bytes: 11 } });
    expect(report.verdict.text).toBe("everything would be lost: no recovery point holds it");
  });

  it("finds the namespaces that hold a piece of the platform by itself", async () => {
    const report = await inspected();
    expect([report.isWholeCluster, report.namespaces]).toEqual([true, [app, registries]]);
  });

  it("names twelve planted faults, each with the command that mends it, and nothing else", async () => {
    const planted = plants();
    for (const objects of Object.values(planted)) await createAll(client, objects);
    const wanted = Object.keys(planted);
    expect(named(await inspected(app, registries)).sort()).toEqual(wanted.sort());

    const found = await discover(client, { namespaces: [app, registries] }, silentProgress);
    const inventory = { ...found, registries: [rows] };
    const report = inspect({ ...inventory, ...(await probeBuckets(client, inventory)) });
    const twelfth = report.faults.filter((one) => one.code === "DANGLING_ARTIFACT");
    expect(twelfth).toEqual([
      expect.objectContaining({ message: expect.stringContaining(`${bucketName}/models/iris-v2`) }),
    ]);
    expect(named(report).sort()).toEqual([...wanted, `DANGLING_ARTIFACT ${twelfth[0]?.subject}`].sort());
    expect(report.faults).toHaveLength(12);
    for (const { code, commands } of report.faults)
      expect([code, commands]).toEqual([code, expect.arrayContaining([expect.stringMatching(/\S/)])]);
    expect(report.faults[0]?.loss).toBe("lost");
    // A backup of the same namespaces says the same.
    expect(planBackup(found, { type: "Full" }).findings).toEqual(inspect(found).findings);
  });

  it("prints them for the terminal, and as one page without a script", async () => {
    const { out } = await holdfast("inspect", app, registries);
    expect(out).toMatch(/IF THIS CLUSTER DIED NOW\n {2}Everything would be lost/);
    expect(out).toContain(`         kubectl cp ${app}/tune-master-0:/mnt/checkpoints ./tune-saved`);
    const page = (await holdfast("inspect", app, registries, "-o", "html")).out;
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain("BUCKET_ONLY_COPY");
    expect(page).not.toMatch(/<script|src=/i);
  });

  it("does not wait for an endpoint that is not there", async () => {
    await s3.stop();
    const started = Date.now();
    const report = await inspected(app, registries);
    expect(report.buckets[0]?.size).toEqual({ notListed: "it does not answer from here" });
    expect(named(report)).not.toContain(`ENDPOINT_WITHOUT_WEIGHTS ${app} InferenceService/churn`);
    expect(Date.now() - started).toBeLessThan(20_000);
  });
});
