/**
 * A restore of a pipeline server, with the real API server of Kubeflow Pipelines over a real database: it starts when its rows are
 * as they should be, knows its recurring run by the new uid of its ScheduledWorkflow, does not switch it on when it starts, and
 * switches it on when it is told to. The test stands in for the operator: it starts what the custom resource wants.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../../src/base/wait.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import type { DatabaseRecord } from "../../src/flow/recovery-point.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { namespaces, pods, secrets, serviceAccounts } from "../../src/kube/well-known.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { canStartMaria, freePort, type Maria, rootPassword, startMaria } from "./maria-server.ts";
import { depsOf, directoryTarget, planAndRestore, pointOf, serveKind } from "./restore-kit.ts";
import { cleanUp, s3Server, type S3Server, temporary } from "./store-kit.ts";

const cache = process.env.HOLDFAST_CACHE ?? join(homedir(), ".cache/holdfast");
const program = globSync(join(cache, "pipelines-*", "bin", "apiserver"))
  .sort()
  .at(-1);
const able = canStartApiServer && canStartMaria && program !== undefined;
const ns = "pipelines";
const kind = { group: "kubeflow.org", kind: "ScheduledWorkflow" };
const dspa = { group: "datasciencepipelinesapplications.opendatahub.io", kind: "DataSciencePipelinesApplication" };
const databasePod = "mariadb-dspa-1-x";
const component = {
  sourceNamespace: ns,
  restoreNamespace: ns,
  flags: {},
  transforms: [],
  storageClassMap: {},
  readyWaitSeconds: 0, // there are no controllers here that could make anything ready
};

/** The smallest pipeline that the server takes. */
const pipeline = {
  pipelineInfo: { name: "tiny" },
  schemaVersion: "2.1.0",
  sdkVersion: "kfp-2.14.3",
  components: { "comp-say": { executorLabel: "exec-say" } },
  deploymentSpec: { executors: { "exec-say": { container: { image: "busybox", command: ["true"] } } } },
  root: { dag: { tasks: { say: { componentRef: { name: "comp-say" }, taskInfo: { name: "say" } } } } },
};

describe.skipIf(!able)("a pipeline server over restored rows", () => {
  let api: ApiServer;
  let client: KubeClient;
  let maria: Maria;
  let store: S3Server;
  let server: ChildProcess | undefined;
  let base = "";

  beforeAll(async () => {
    [api, maria, store] = await Promise.all([startApiServer(), startMaria(), s3Server()]);
    client = await connect({ kubeconfig: api.kubeconfig });
    await mkdir(join(store.data, "mlpipeline"), { recursive: true });
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: ns } });
    await serveKind(client, kind.group, "v1beta1", kind.kind);
    await serveKind(client, "argoproj.io", "v1alpha1", "Workflow");
    await serveKind(client, dspa.group, "v1", dspa.kind);
    await client.create(serviceAccounts, inNamespace("v1", "ServiceAccount", "default"));
    await client.create(secrets, inNamespace("v1", "Secret", "db", { stringData: { password: rootPassword } }));
  });
  afterAll(async () => {
    await endServer();
    await client?.close();
    await Promise.all([api?.stop(), maria?.stop()]);
    await cleanUp();
  });

  /** A pod, as far as the restore looks at it: the database is not in it, and answers at its address. */
  async function beginDatabase(): Promise<void> {
    const spec = { containers: [{ name: "db", image: "mariadb:10.11" }] };
    const live = await client.create(pods, inNamespace("v1", "Pod", databasePod, { spec }));
    const status = { phase: "Running", podIP: "127.0.0.1", podIPs: [{ ip: "127.0.0.1" }] };
    await client.replace(pods, { ...live, status }, { subresource: "status" });
  }

  /** The operator: the database as soon as the custom resource is there, its API server as soon as that is wanted. */
  async function operate(signal: AbortSignal): Promise<{ readonly waited: boolean }> {
    const resource = (await client.resource(dspa.group, dspa.kind))!;
    let waited = false;
    let isDatabaseUp = false;
    while (!signal.aborted) {
      const live = await client.find(resource, "dspa", ns);
      if (live && !isDatabaseUp) {
        await beginDatabase();
        isDatabaseUp = true;
      }
      const isWanted = live && live.spec.apiServer?.deploy !== false;
      if (isWanted) {
        await beginServer();
        return { waited };
      }
      waited ||= live !== undefined;
      await sleep(100);
    }
    throw new Error("the server was never wanted");
  }

  async function beginServer(): Promise<void> {
    const [http, rpc, hook] = await Promise.all([freePort(), freePort(), freePort()]);
    const config = await temporary();
    const file = {
      DBConfig: { MySQLConfig: { ExtraParams: { tls: "false" } }, ConMaxLifeTime: "120s" },
      ObjectStoreConfig: { PipelinePath: "pipelines" },
      DBDriverName: "mysql",
      InitConnectionTimeout: "1m",
    };
    await writeFile(join(config, "config.json"), JSON.stringify(file));
    const database = {
      USER: "root",
      PASSWORD: rootPassword,
      DBNAME: "app",
      HOST: "127.0.0.1",
      PORT: String(maria.port),
    };
    const { endpoint, accessKey, secretKey } = store.access;
    const objects = {
      ACCESSKEY: accessKey,
      SECRETACCESSKEY: secretKey,
      BUCKETNAME: "mlpipeline",
      REGION: "us-east-1",
      HOST: "127.0.0.1",
      PORT: new URL(endpoint).port,
      SECURE: "false",
    };
    const under = (prefix: string, values: object) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}${key}`, value]));
    const words = [
      `--config=${config}`,
      `--httpPortFlag=:${http}`,
      `--rpcPortFlag=:${rpc}`,
      `--webhookPortFlag=:${hook}`,
      "-logtostderr=true",
    ];
    const output = process.env.HOLDFAST_TEST_LOG ? "inherit" : "ignore";
    server = spawn(program!, words, {
      stdio: ["ignore", output, output],
      env: {
        PATH: process.env.PATH,
        HOME: config,
        KUBECONFIG: api.kubeconfig,
        POD_NAMESPACE: ns,
        ...under("DBCONFIG_MYSQLCONFIG_", database),
        ...under("OBJECTSTORECONFIG_", objects),
        ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_HOST: "127.0.0.1",
        ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_PORT: "8888",
        MINIO_SERVICE_SERVICE_HOST: "127.0.0.1",
        MINIO_SERVICE_SERVICE_PORT: objects.PORT,
        DEFAULTPIPELINERUNNERSERVICEACCOUNT: "default",
        EXECUTIONTYPE: "Workflow",
      },
    });
    base = `http://127.0.0.1:${http}/apis/v2beta1`;
    await waitFor(
      () =>
        fetch(`${base}/recurringruns`).then(
          (answer) => (answer.ok ? true : undefined),
          () => undefined,
        ),
      { reason: "the pipeline server", seconds: 60 },
    );
  }

  async function endServer(): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server!.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
  }

  async function ask(path: string, body?: object): Promise<any> {
    const answer = await fetch(`${base}/${path}`, body ? { method: "POST", body: JSON.stringify(body) } : {});
    return { ...((await answer.json().catch(() => ({}))) as object), status: answer.status };
  }

  async function onlyRun(): Promise<KubeObject> {
    const resource = (await client.resource(kind.group, kind.kind))!;
    for await (const { object } of client.list(resource, { namespace: ns })) return object;
    throw new Error("there is no ScheduledWorkflow");
  }

  it("knows the recurring run, leaves it off, and switches it on when it is told to", async () => {
    await beginServer();
    const made = await ask("recurringruns", {
      display_name: "nightly",
      pipeline_spec: pipeline,
      runtime_config: {},
      max_concurrency: "1",
      mode: "ENABLE",
      trigger: { periodic_schedule: { interval_second: "3600" } },
    });
    expect(made.status, JSON.stringify(made)).toBe(200);
    await endServer();

    const schedules = (await client.resource(kind.group, kind.kind))!;
    const then = await onlyRun();
    expect(then.metadata.uid).toBe(made.recurring_run_id);
    const { target, access } = await directoryTarget();
    const point = { ...(await pointOf(target, pointObjects(then))), databases: [record()] };
    await client.remove(schedules, then.metadata.name, ns);

    const operator = operate(AbortSignal.timeout(90_000));
    operator.catch(() => {}); // it is waited for below
    const deps = depsOf(client, target, access);
    const first = await planAndRestore(deps, point, [component]);
    expect(first.report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    expect(first.report.rewrites).toContain(`app.jobs.UUID of ${ns}/${databasePod}: 1 rows`);
    expect((await operator).waited).toBe(true);
    const id = (await onlyRun()).metadata.uid!;
    expect(id).not.toBe(made.recurring_run_id);

    await sleep(2000); // its rows go over its objects in the background
    expect((await onlyRun()).spec).toMatchObject({ enabled: false, noCatchup: true });
    const again = await planAndRestore(deps, point, [component]);
    expect(again.report.outcomes.filter((one) => !["unchanged", "skipped"].includes(one.result))).toEqual([]);
    expect(again.report.rewrites).toEqual([]);
    const { recurringRuns } = await ask("recurringruns");
    expect(recurringRuns).toMatchObject([
      { recurring_run_id: id, display_name: "nightly", mode: "DISABLE", no_catchup: true },
    ]);
    const answer = await ask(`recurringruns/${id}:enable`, {});
    expect(answer.status, JSON.stringify(answer)).toBe(200);
    expect((await onlyRun()).spec.enabled).toBe(true);
  });

  function pointObjects(run: KubeObject): KubeObject[] {
    const apiVersion = `${dspa.group}/v1`;
    const server = inNamespace(apiVersion, dspa.kind, "dspa", { spec: { apiServer: { deploy: true } } });
    const owner = { apiVersion, kind: dspa.kind, name: "dspa", uid: "uid-of-then", controller: true };
    const owned = (object: KubeObject): KubeObject => ({
      ...object,
      metadata: { ...object.metadata, ownerReferences: [owner] },
    });
    return [
      { ...server, metadata: { ...server.metadata, uid: owner.uid } },
      owned(inNamespace("v1", "Pod", databasePod, { spec: { containers: [{ name: "db", image: "mariadb:10.11" }] } })),
      owned(run),
    ];
  }

  function record(): DatabaseRecord {
    return {
      id: `${ns}/${databasePod}`,
      engine: "mariadb",
      version: "10.11.1",
      namespace: ns,
      pod: databasePod,
      lock: "global read lock",
      heldMs: 1,
      databases: ["app"],
      volumes: [],
      accounts: [{ user: "root", secret: "db", key: "password" }],
      port: maria.port,
    };
  }
});

function inNamespace(apiVersion: string, what: string, name: string, rest: object = {}): KubeObject {
  return { apiVersion, kind: what, metadata: { name, namespace: ns }, ...rest };
}
