/**
 * From endpoints and rows to bytes, on real parts: an API server, a model registry's own server on MariaDB, the tables of a
 * pipeline server with the registry's lineage tables, an S3 server. Backups and a restore run as they do in the product.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { DeleteObjectsCommand, CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { perform } from "../../src/agent/mover.ts";
import { silentProgress } from "../../src/base/progress.ts";
import { waitFor } from "../../src/base/wait.ts";
import { discover } from "../../src/discover/index.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { chainText, closureOf } from "../../src/plan/closure/index.ts";
import { lostWays } from "../../src/plan/closure/restored.ts";
import { findPoint, runBackup, type RunDeps } from "../../src/run/backup.ts";
import { referenceFindings } from "../../src/run/references.ts";
import { runRestore } from "../../src/run/restore.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { canStartMaria, type Maria, rootPassword, startMaria } from "./maria-server.ts";
import { directoryTarget, serveKind } from "./restore-kit.ts";
import { cleanUp, later, type S3Server, s3Server, temporary, tool } from "./store-kit.ts";

const app = "models";
const registries = "registries";
const bucket = "weights";
/** The registry's port is its own; so that it is free, its server has an address of its own. */
const registryAddress = "127.0.0.83";
const api = `http://${registryAddress}:8080/api/model_registry/v1alpha3`;
const versionOne = `version v1 of model iris in ModelRegistry ${registries}/registry`;

let server: ApiServer;
let client: KubeClient;
let maria: Maria;
let root: Connection;
let s3: S3Server;
let bytes: S3Client;
let deps: RunDeps;
const ids = { version: "", gone: "" };

const canRun = canStartApiServer && canStartMaria && hasRegistry();

function hasRegistry(): boolean {
  try {
    return tool("model-registry") !== "";
  } catch {
    return false;
  }
}

describe.skipIf(!canRun)("closure on real parts", () => {
  beforeAll(async () => {
    [server, maria, s3] = await Promise.all([startApiServer(), startMaria(), s3Server()]);
    later(() => server.stop());
    later(() => maria.stop());
    client = await connect({ kubeconfig: server.kubeconfig });
    root = await maria.root();
    later(() => root.end());
    await Promise.all([fillBucket(), fillRegistry(), fillCluster()]);
    await fillPipelines();
    const { target, access } = await directoryTarget();
    deps = {
      client,
      target,
      access,
      movers: {
        run: (task, _, { signal = new AbortController().signal }) => perform(task, { write() {}, signal }),
        cleanUp: async () => {},
      },
      progress: silentProgress,
      signal: new AbortController().signal,
      staging: await temporary(),
    };
  }, 90_000);

  afterAll(cleanUp, 30_000);

  it("reads the rows of the registry and of the pipeline server, and follows them to the bytes", async () => {
    const inventory = await discover(client, { namespaces: [app, registries], probe: true }, silentProgress);
    expect(inventory.silent).toEqual([]);
    expect(inventory.absent?.map(({ part }) => part).sort()).toEqual(["models/empty", "models/gone", "runs/2/model"]);
    expect(inventory.registries).toMatchObject([
      {
        registry: `${registries}/registry`,
        versions: [
          {
            id: ids.version,
            name: "v1",
            model: "iris",
            artifacts: [{ uri: `s3://${bucket}/models/iris`, source: { id: "r1" } }],
          },
          { id: ids.gone, name: "v2" },
        ],
        apart: [],
      },
    ]);
    const { chains, names } = closureOf(inventory);
    const iris = chains.find(({ root: { name } }) => name === `InferenceService ${app}/iris`)!;
    const text = chainText(iris, names);
    expect(text).toContain(`-> s3://${bucket}/models/iris`);
    expect(text).toContain(`-> ${versionOne}  (labels.model-version-id)`);
    expect(text).toContain("-> run train one  (registry.artifact.modelSource)");
    expect(text).toContain("-> oci://quay.example/train:1");
    expect(text).toContain(`-> s3://${bucket}/runs/1/model`);
    expect(text).toContain(`database://${registries}/db`);
    expect(chains.map(({ root: { kind } }) => kind).sort()).toEqual([
      "endpoint",
      "endpoint",
      "pipeline",
      "version",
      "version",
    ]);
  }, 30_000);

  it("says at the backup, and of the point, which references lead nowhere", async () => {
    const point = await backup("first", "Full");
    const expected = [
      ["DANGLING_ARTIFACT", "version v1 of pipeline iris-training in models"],
      ["DANGLING_ARTIFACT", `version v2 of model iris in ModelRegistry ${registries}/registry`],
      ["ENDPOINT_WITHOUT_WEIGHTS", `${app} InferenceService/empty`],
    ];
    expect(told(point.findings)).toEqual(expected);
    expect(point.findings.find(({ subject }) => subject.includes("pipeline"))?.message).toContain(
      `s3://${bucket}/runs/2/model (run train two)`,
    );
    const read = await findPoint(deps.target, point.id); // as the target has it
    expect(told(await referenceFindings(deps.target, read))).toEqual(expected);
  }, 60_000);

  it("tells of weights that changed without a word in the registry, and not of those that it knows of", async () => {
    await put("models/iris/model.joblib", "other bytes");
    const silent = await backup("second", "Incremental");
    const found = silent.findings.filter(({ code }) => code === "WEIGHTS_CHANGED");
    expect(found.map(({ subject }) => subject)).toEqual([`s3://${bucket}/models/iris`]);
    expect(found[0]?.message).toContain(`InferenceService ${app}/iris, ${versionOne}`);

    await put("models/iris/model.joblib", "new bytes, and the registry knows");
    await ask("PATCH", `model_versions/${ids.version}`, { description: "trained again" });
    const known = await backup("third", "Full");
    expect(known.findings.map(({ code }) => code)).not.toContain("WEIGHTS_CHANGED");
    const still = await backup("fourth", "Incremental");
    expect(still.findings.map(({ code }) => code)).not.toContain("WEIGHTS_CHANGED");
  }, 90_000);

  it("looks again after a restore, at the rows and the bucket that are there then", async () => {
    const point = await backup("fifth", "Full");
    const keys = ["models/iris/model.joblib", "runs/1/model/model.bin"];
    await bytes.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }));
    const first = await restore(point, "again");
    expect(told(first.findings)).toEqual([
      ["DANGLING_ARTIFACT", "version v1 of pipeline iris-training in models"],
      ["DANGLING_ARTIFACT", `version v2 of model iris in ModelRegistry ${registries}/registry`],
      ["ENDPOINT_WITHOUT_WEIGHTS", `${app} InferenceService/empty`],
    ]);
    // A row that was not rewritten names a bucket that nothing reaches any more.
    await ask("PATCH", `model_versions/${ids.version}`, { description: "moved" });
    await root.query(
      "UPDATE registry.Artifact SET uri = REPLACE(uri, 's3://weights/models/gone', 's3://weights-old/gone')",
    );
    const moved = { ...point, buckets: point.buckets.map((one) => ({ ...one, bucket: "weights-old" })) };
    const inventory = await discover(client, { namespaces: [app, registries] }, silentProgress);
    expect(lostWays(moved, inventory)).toMatchObject([
      { code: "DANGLING_ARTIFACT", subject: `version v2 of model iris in ModelRegistry ${registries}/registry` },
    ]);
  }, 90_000);
});

const codes = new Set([
  "DANGLING_ARTIFACT",
  "ENDPOINT_WITHOUT_WEIGHTS",
  "REFERENCES_NOT_CHECKED",
  "REGISTERED_VERSION_MISSING",
]);

function told(findings: readonly { readonly code: string; readonly subject: string }[]): string[][] {
  return findings
    .flatMap(({ code, subject }) => (codes.has(code) ? [[code, subject]] : []))
    .sort((a, b) => (a.join() < b.join() ? -1 : 1));
}

function backup(name: string, type: "Full" | "Incremental"): Promise<RecoveryPoint> {
  return runBackup(deps, {
    run: `backup-${name}`,
    plan: { kind: "ClusterBackupPlan", name: "closure", uid: "uid-plan" },
    backup: { kind: "ClusterBackup", name, uid: `uid-${name}` },
    type,
    namespaces: [{ name: app }, { name: registries }],
    clusterName: "here",
  });
}

async function restore(point: RecoveryPoint, run: string) {
  const components = [app, registries].map((name) => ({
    sourceNamespace: name,
    restoreNamespace: name,
    flags: { skipIfAlreadyExists: true },
    transforms: [],
    storageClassMap: {},
    readyWaitSeconds: 0,
  }));
  const { report } = await runRestore(deps, { run, point, options: { components } });
  return report;
}

async function put(key: string, body: string): Promise<void> {
  await bytes.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
}

async function fillBucket(): Promise<void> {
  const { endpoint, region, accessKey, secretKey } = s3.access;
  bytes = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  });
  later(() => bytes.destroy());
  await bytes.send(new CreateBucketCommand({ Bucket: bucket }));
  await put("models/iris/model.joblib", "the first weights");
  await put("models/iris-old/model.joblib", "not what anybody means");
  await put("runs/1/model/model.bin", "of the first run");
}

async function fillRegistry(): Promise<void> {
  await root.query("CREATE DATABASE registry");
  const dsn = `root:${rootPassword}@tcp(127.0.0.1:${maria.port})/registry?charset=utf8mb4&parseTime=true`;
  const args = ["proxy", `--hostname=${registryAddress}`, "--port=8080", "--datastore-type=embedmd"];
  const child: ChildProcess = spawn(tool("model-registry"), [...args, "--embedmd-database-type=mysql"], {
    env: { ...process.env, HOME: await temporary(), MR_EMBEDMD_DATABASE_DSN: dsn },
    stdio: "ignore",
  });
  later(() => void child.kill("SIGKILL"));
  await waitFor(async () => (await fetch(`${api}/registered_models`).catch(() => undefined))?.ok || undefined, {
    reason: "the model registry to answer",
    seconds: 40,
    everyMs: 200,
  });
  const model = await ask("POST", "registered_models", { name: "iris", owner: "someone", state: "LIVE" });
  ids.version = await register(model, "v1", "models/iris", { modelSourceKind: "dsp", modelSourceId: "r1" });
  ids.gone = await register(model, "v2", "models/gone", {});
}

async function register(model: string, name: string, path: string, more: Record<string, string>): Promise<string> {
  const version = await ask("POST", "model_versions", { registeredModelId: model, name, state: "LIVE" });
  const artifact = {
    artifactType: "model-artifact",
    name: `iris-${name}`,
    uri: `s3://${bucket}/${path}`,
    state: "LIVE",
  };
  await ask("POST", `model_versions/${version}/artifacts`, { ...artifact, ...more });
  return version;
}

async function ask(method: string, path: string, body: object): Promise<string> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${api}/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** Columns as the pipeline server has them; lineage has the same tables as the registry, which made them here. */
async function fillPipelines(): Promise<void> {
  await root.query("CREATE DATABASE mlpipeline");
  for (const table of ["Artifact", "Attribution", "Context", "Type"])
    await root.query(`CREATE TABLE mlpipeline.${table} LIKE registry.${table}`);
  const spec = `pipelineInfo: {name: iris-training}
deploymentSpec: {executors: {exec-train: {container: {image: "quay.example/train:1", command: [python]}}}}
---
platforms: {}
`;
  const statements: [string, unknown[]][] = [
    [
      "CREATE TABLE mlpipeline.pipelines (UUID varchar(64), CreatedAtInSec bigint, Name varchar(128), Namespace varchar(63))",
      [],
    ],
    [
      "CREATE TABLE mlpipeline.pipeline_versions (UUID varchar(64), CreatedAtInSec bigint, Name varchar(128), PipelineId varchar(64), PipelineSpec longtext)",
      [],
    ],
    [
      "CREATE TABLE mlpipeline.run_details (UUID varchar(64), CreatedAtInSec bigint, DisplayName varchar(128), Namespace varchar(63), PipelineVersionId varchar(64), State varchar(32))",
      [],
    ],
    ["INSERT INTO mlpipeline.pipelines VALUES ('p', 1, 'iris-training', ?)", [app]],
    ["INSERT INTO mlpipeline.pipeline_versions VALUES ('pv', 1, 'v1', 'p', ?)", [spec]],
    [
      "INSERT INTO mlpipeline.run_details VALUES ('r1', 1, 'train one', ?, 'pv', 'SUCCEEDED'), ('r2', 2, 'train two', ?, 'pv', 'SUCCEEDED')",
      [app, app],
    ],
    [
      "INSERT INTO mlpipeline.Type (id, name, type_kind) VALUES (900, 'system.PipelineRun', 2), (901, 'system.Model', 1), (902, 'system.Metrics', 1)",
      [],
    ],
    ["INSERT INTO mlpipeline.Context (id, type_id, name) VALUES (1, 900, 'r1'), (2, 900, 'r2')", []],
    [
      "INSERT INTO mlpipeline.Artifact (id, type_id, state, uri, name) VALUES (1, 901, 2, 's3://weights/runs/1/model', 'a'), (2, 901, 2, 's3://weights/runs/2/model', 'b'), (3, 902, 2, 's3://weights/runs/2/metrics', 'c'), (4, 901, 1, 's3://weights/runs/2/pending', 'd')",
      [],
    ],
    ["INSERT INTO mlpipeline.Attribution (context_id, artifact_id) VALUES (1, 1), (2, 2), (2, 3), (2, 4)", []],
  ];
  for (const [sql, values] of statements) await root.query(sql, values);
}

async function fillCluster(): Promise<void> {
  await serveKind(client, "serving.kserve.io", "v1beta1", "InferenceService");
  await serveKind(client, "modelregistry.opendatahub.io", "v1beta1", "ModelRegistry");
  const { endpoint, accessKey, secretKey } = s3.access;
  const pod = (name: string, labels: Record<string, string>, container: Record<string, unknown>): KubeObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: registries, labels },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "main", ...container }] },
  });
  const isvc = (name: string, path: string, labels: Record<string, string> = {}): KubeObject => ({
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: { name, namespace: app, labels },
    spec: { predictor: { model: { modelFormat: { name: "sklearn" }, storageUri: `s3://${bucket}/${path}` } } },
  });
  const objects: KubeObject[] = [
    ...[app, registries].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "connection", namespace: app },
      stringData: {
        AWS_ACCESS_KEY_ID: accessKey,
        AWS_SECRET_ACCESS_KEY: secretKey,
        AWS_S3_ENDPOINT: endpoint,
        AWS_S3_BUCKET: bucket,
      },
    },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "db", namespace: registries },
      stringData: { root: rootPassword },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "db", namespace: registries },
      spec: { selector: { app: "db" }, ports: [{ port: 3306 }] },
    },
    {
      apiVersion: "modelregistry.opendatahub.io/v1beta1",
      kind: "ModelRegistry",
      metadata: { name: "registry", namespace: registries },
      spec: {
        mysql: { host: "db", database: "registry", username: "root", passwordSecret: { name: "db", key: "root" } },
      },
    },
    pod("registry-1", { app: "registry" }, { image: "example/registry" }),
    pod(
      "db",
      { app: "db" },
      {
        image: "mariadb:11",
        env: [{ name: "MARIADB_ROOT_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "root" } } }],
        ports: [{ name: "mysql", containerPort: maria.port }],
      },
    ),
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "ml-pipeline", namespace: registries },
      spec: {
        selector: { matchLabels: { app: "ml-pipeline" } },
        template: {
          metadata: { labels: { app: "ml-pipeline" } },
          spec: { containers: [{ name: "api", image: "example/api" }] },
        },
      },
    },
    isvc("empty", "models/empty"),
  ];
  for (const object of objects) await create(object);
  const status = (podIP: string) => ({ status: { phase: "Running", podIP, podIPs: [{ ip: podIP }] } });
  const pods = (await client.resource("", "Pod"))!;
  await client.patch(pods, "registry-1", registries, status(registryAddress), { subresource: "status" });
  await client.patch(pods, "db", registries, status("127.0.0.1"), { subresource: "status" });
  await waitFor(async () => ids.gone || undefined, { reason: "the registry to be filled", seconds: 60, everyMs: 100 });
  await create(
    isvc("iris", "models/iris", {
      "modelregistry.opendatahub.io/name": "registry",
      "modelregistry.opendatahub.io/namespace": registries,
      "modelregistry.opendatahub.io/model-version-id": ids.version,
    }),
  );
}

async function create(object: KubeObject): Promise<void> {
  const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0]! : "";
  await client.create((await client.resource(group, object.kind))!, object);
}
