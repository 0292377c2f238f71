/**
 * One point of a platform that is at work (databases written, runs under way, a schedule that beats), brought back in each way
 * there is: under other names beside a store at another address, over its own ruins, and in a cluster that has only the target
 * and its key. After each the whole list: it answers as before, nothing runs by itself, and it works on.
 */
import { connect, createServer, type Server } from "node:net";
import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteNamespaces, loseCluster } from "../../lab/demo/disaster.ts";
import { type Facts, factRows, gatherFacts } from "../../lab/demo/facts.ts";
import { keepPlace } from "../../lab/demo/install.ts";
import { awaitRun, getJson, kubectl, kubectlApply } from "../../lab/demo/kubectl.ts";
import { network } from "../../lab/network.ts";
import { startBucketClaims } from "../../lab/platform/operators.ts";
import {
  openPipelines,
  readRecurringRuns,
  readRuns,
  runSucceeded,
  startRun,
  switchRecurringRun,
} from "../../lab/platform/pipelines-api.ts";
import { registerVersion, registryModels } from "../../lab/platform/probes.ts";
import { appNamespace, registriesNamespace } from "../../lab/platform/settings.ts";
import { namespaceIn, type Where } from "../../lab/platform/where.ts";
import { uploadIris } from "../../lab/platform/workload/pipelines.ts";
import { waitFor } from "../../lab/run/wait.ts";
import { loadTables, startWriter, wholeRows } from "../fixtures/write-load.ts";
import { databasesOf, openDatabase } from "./databases.ts";
import { beatSeconds, beats, heartbeat, letBeatsGo, makeRestless, runningPods } from "./pipelines.ts";
import { moveRegistries, standUp } from "./setup.ts";

const stamp = Date.now().toString(36);
const backups = 5;
const point = `at-work-${stamp}-${backups}`;
const into = { [appNamespace]: "moved-demo", [registriesNamespace]: "moved-registries" };
const otherPort = 9002;
const quiet = () => {};
const manifest = (kind: string, name: string, spec: object) =>
  JSON.stringify({ apiVersion: "holdfast.dev/v1alpha1", kind, metadata: { name }, spec });
const at = (time = "") => new Date(time).getTime();

let before: Facts;

/** What has to be the same: of the runs those that had ended, and no rows of databases that were being written. */
function settled(facts: Facts, ended: (label: string) => boolean): Facts {
  return new Map([...facts].filter(([label]) => !label.startsWith("rows of load_") && ended(label)));
}

const isRun = (label: string) => label.startsWith("run ");
const hadEnded = (label: string) => !isRun(label) || /^(SUCCEEDED|FAILED) /.test(before.get(label) ?? "");

interface Way {
  readonly name: string;
  readonly where: Where;
  readonly strike: () => Promise<void>;
  readonly undo?: () => Promise<void>;
}

let otherAddress: Server;

const ways: readonly Way[] = [
  {
    name: "under other names, with a bucket at another address",
    where: { namespaces: into },
    strike: async () => {
      otherAddress = await forward();
      await startBucketClaims(`http://${network.bridgeAddress}:${otherPort}`);
      await moveRegistries(into[registriesNamespace]!);
    },
    undo: async () => {
      await startBucketClaims();
      await moveRegistries(registriesNamespace);
      await kubectl("delete", "namespace", "--ignore-not-found", ...Object.values(into), "--timeout=300s");
      otherAddress.close();
    },
  },
  { name: "after both namespaces and the bucket are gone", where: {}, strike: deleteNamespaces },
  {
    name: "in a fresh cluster that has only the target and its key",
    where: {},
    strike: async () => loseCluster(await keepPlace(), point),
  },
];

describe("a platform that is at work", () => {
  beforeAll(async () => {
    await standUp();
    await makeRestless();
    for (const of of databasesOf) {
      const session = await openDatabase(of);
      for (const table of ["load_child", "load_parent"]) await session.query(`DROP TABLE IF EXISTS ${table}`);
      for (const table of loadTables) await session.query(table);
      await session.end();
    }
  });

  it("is backed up while runs are under way and its databases are written, who are held for a moment only", async () => {
    before = await gatherFacts();
    expect([...before.keys()].filter((label) => isRun(label) && hadEnded(label)).length).toBeGreaterThanOrEqual(2);
    const writers = databasesOf.map((of) => startWriter(0, [openDatabase(of)], 5));
    const held: number[] = [];
    for (let count = 1; count <= backups; count++) {
      const name = `at-work-${stamp}-${count}`;
      const spec = { type: count === 1 ? "Full" : "Incremental", clusterBackupPlan: { name: "rhoai-demo-plan" } };
      await kubectlApply(manifest("ClusterBackup", name, spec));
      const { findings = [], fence } = await awaitRun("clusterbackup", name, 600, quiet);
      expect(findings.filter((one) => one.severity === "error" || one.code === "DATABASE_NOT_HELD")).toEqual([]);
      held.push(fence!.milliseconds);
    }
    const written = writers.map((one) => `${one.written()} (${one.repeated()} repeated)`);
    for (const writer of writers) await writer.stop();
    const median = held.toSorted((a, b) => a - b)[Math.floor(backups / 2)]!;
    console.log(`freeze windows ${held.join(", ")} ms, median ${median} ms; transactions: ${written.join(" and ")}`);
    for (const writer of writers) expect(writer.written()).toBeGreaterThan(100);
    // With ten and more processes waiting for each processor the cluster's own controllers take seconds (1547 ms at a load of 30 on two).
    const load = loadavg()[0]! / availableParallelism();
    console.log(`load ${load.toFixed(1)} per processor: the median is ${load < 5 ? "" : "not "}held against 1500 ms`);
    if (load < 5) expect(median).toBeLessThan(1500);
  });

  describe.each(ways)("brought back $name", ({ name, where, strike, undo }) => {
    const index = ways.findIndex((one) => one.name === name);
    const restored = `at-work-${stamp}-way-${index + 1}`;
    const namespace = namespaceIn(where, appNamespace);
    let base: string;
    let struckAt: number;

    beforeAll(async () => {
      await strike();
      struckAt = Date.now();
      const components = [appNamespace, registriesNamespace].map((one) => ({
        sourceNamespace: one,
        restoreNamespace: namespaceIn(where, one),
        restoreConfig: { restoreFlags: { skipIfAlreadyExists: true } },
      }));
      const source = { type: "ClusterBackup", clusterBackup: { name: point } };
      await kubectlApply(manifest("ClusterRestore", restored, { source, components }));
      await awaitRun("clusterrestore", restored, 900, quiet);
      base = await openPipelines(where);
    });
    afterAll(async () => {
      await undo?.();
    });

    it("answers as before: notebook, registry, weights, models, the history of runs", async () => {
      const after = await gatherFacts(where);
      const rows = factRows(settled(before, hadEnded), settled(after, hadEnded));
      expect(rows.filter((row) => row.before !== row.after)).toEqual([]);
    });

    it("has whole rows in its databases", async () => {
      for (const of of databasesOf) {
        const session = await openDatabase(of, where);
        expect(await wholeRows(session)).toBeGreaterThan(100);
        await session.end();
      }
    });

    it("starts nothing by itself: no schedule, no missed run, no run that had not ended, no workbench", async () => {
      for (const one of await readRecurringRuns(base))
        expect([one.display_name, one.status]).toEqual([one.display_name, "DISABLED"]);
      await sleep(Math.max(0, struckAt + 2.5 * beatSeconds * 1000 - Date.now()));
      // Not by the time of creation: a run that had begun as the backup was made gets its row when its object is there again.
      expect((await readRuns(base)).filter((run) => at(run.scheduled_at) > struckAt)).toEqual([]);
      expect([...(await runningPods("sleeper", where)), ...(await runningPods("beat", where))]).toEqual([]);
      const { spec } = await getJson("statefulset", "resting", "-n", namespace);
      expect(spec.replicas).toBe(0);
    });

    if (index === 0) {
      it("stays so when its API server starts again, which writes its rows over the schedules", async () => {
        await kubectl("-n", namespace, "rollout", "restart", "deployment/ds-pipeline-dspa");
        await kubectl("-n", namespace, "rollout", "status", "deployment/ds-pipeline-dspa", "--timeout=180s");
        base = await openPipelines(where);
        await sleep(beatSeconds * 1000);
        const { items } = await getJson("scheduledworkflows", "-n", namespace);
        const states = items.map((one: any) => [one.spec.enabled ?? false, one.spec.noCatchup]);
        expect(states).toEqual(items.map(() => [false, true]));
        expect((await readRuns(base)).filter((run) => at(run.scheduled_at) > struckAt)).toEqual([]);
      });
    }

    if (where.namespaces) {
      it("has the new address wherever the old one was", async () => {
        const server = await getJson("dspa", "dspa", "-n", namespace);
        const { host, port } = server.spec.objectStorage.externalStorage;
        expect([host, port]).toEqual([network.bridgeAddress, String(otherPort)]);
        const text = await kubectl("get", "notebooks,inferenceservices,configmaps", "-n", namespace, "-o", "json");
        expect(text).not.toContain(`${network.bridgeAddress}:${network.platformS3Port}`);
      });
    }

    it("works on: a new run succeeds, a new model version can be registered", async () => {
      const version = `v2.0.${index}`;
      const [run] = await Promise.all([
        startRun(base, restored, await uploadIris(base)),
        registerVersion(version, where),
      ]);
      expect(await versions(where)).toContain(version);
      if (where.namespaces) expect(await versions()).not.toContain(version);
      await runSucceeded(base, run.run_id, 240);
    });

    it("fires a recurring run again when it is switched on, without making up for what was missed", async () => {
      await letBeatsGo(where);
      const enabledAt = Date.now();
      const { recurring_run_id = "" } = (await heartbeat(base)) ?? {};
      await switchRecurringRun(base, recurring_run_id, "enable");
      const fresh = async () => (await beats(base)).filter((run) => at(run.created_at) > enabledAt);
      await waitFor({
        describe: "a new beat to succeed",
        check: async () => (await fresh()).some((run) => run.state === "SUCCEEDED"),
        seconds: 180,
      });
      await switchRecurringRun(base, recurring_run_id, "disable");
      for (const run of await fresh())
        expect(at(run.scheduled_at)).toBeGreaterThan(enabledAt - (beatSeconds + 5) * 1000);
    });
  });
});

async function versions(where: Where = {}): Promise<string[]> {
  return (await registryModels(where)).flatMap((model) => model.versions.map((version) => version.name));
}

/** Another way to the same store: what says who asks is signed with the address that was asked. */
function forward(): Promise<Server> {
  const server = createServer((client) => {
    const upstream = connect(network.platformS3Port, network.bridgeAddress);
    for (const socket of [client, upstream])
      socket.on("error", () => [client, upstream].forEach((one) => one.destroy()));
    client.pipe(upstream).pipe(client);
  });
  return new Promise((resolve) => server.listen(otherPort, network.bridgeAddress, () => resolve(server)));
}
