/** One stage over generated objects in this process; says what it cost. `node bench/memory/stage.ts STAGE OBJECTS DIRECTORY` */
import "../../src/base/small-heap.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { silentProgress } from "../../src/base/progress.ts";
import { discover } from "../../src/discover/index.ts";
import type { Movers } from "../../src/movers/contract.ts";
import { planBackup } from "../../src/plan/backup.ts";
import { inspect } from "../../src/plan/inspect.ts";
import { type RunDeps, findPoint, runBackup } from "../../src/run/backup.ts";
import { keepForRun } from "../../src/run/keep.ts";
import { planRestoreRun, runRestore } from "../../src/run/restore.ts";
import { openTarget } from "../../src/store/target.ts";
import { generatedClient, namespacesFor } from "./client.ts";

const [stage = "", count = "0", home = ""] = process.argv.slice(2);
const namespaces = namespacesFor(Number(count));
const noMovers: Movers = { run: () => Promise.reject(new Error("no mover is needed here")), cleanUp: async () => {} };
const key = Buffer.alloc(32, 7).toString("base64");
/** What a fresh process holds that has loaded the same code. */
const idle = peak();

const startedAt = performance.now();
const work: Record<string, () => Promise<unknown>> = { load, discover: look, backup: backUp, plan, restore };
const result = await work[stage]!();
const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
process.stdout.write(
  `${JSON.stringify({ stage, objects: Number(count), peakMiB: peak(), idleMiB: idle, seconds, result })}\n`,
);

async function load(): Promise<void> {}

/** What `holdfast inspect` does, and the first half of a backup. */
async function look(): Promise<unknown> {
  const inventory = await discover(generatedClient(true), { namespaces }, silentProgress, keepForRun());
  const report = inspect(inventory);
  const steps = planBackup(inventory, {
    type: "Full",
    previous: undefined,
    namespaces: namespaces.map((name) => ({ name })),
  });
  return { objects: report.objects.total, edges: inventory.edges.length, steps: steps.steps.length };
}

async function backUp(): Promise<unknown> {
  const deps = await depsOf(true);
  const named = (kind: string) => ({ kind, name: `n${count}`, uid: `uid-${count}` });
  const point = await runBackup(deps, {
    run: `run-${count}`,
    plan: named("ClusterBackupPlan"),
    backup: named("ClusterBackup"),
    type: "Full",
    namespaces: namespaces.map((name) => ({ name })),
    clusterName: "bench",
  });
  return { bytes: point.size.total };
}

async function plan(): Promise<unknown> {
  const { deps, run } = await restoreRun();
  const made = await planRestoreRun(deps, run);
  return { steps: made.steps.length, decisions: made.decisions.length };
}

async function restore(): Promise<unknown> {
  const { deps, run } = await restoreRun();
  const { report } = await runRestore(deps, run);
  return { created: report.outcomes.filter((one) => one.result === "created").length };
}

async function restoreRun() {
  const deps = await depsOf(false);
  const components = namespaces.map((name) => ({
    sourceNamespace: name,
    restoreNamespace: name,
    flags: {},
    transforms: [],
    storageClassMap: {},
    readyWaitSeconds: 0,
  }));
  return {
    deps,
    run: { run: `run-${count}`, point: await findPoint(deps.target, `n${count}`), options: { components } },
  };
}

async function depsOf(full: boolean): Promise<RunDeps> {
  const access = { kind: "directory" as const, path: join(home, "target") };
  const target = await openTarget(access, key, { create: full });
  const signal = new AbortController().signal;
  return {
    client: generatedClient(full),
    target,
    access,
    movers: noMovers,
    progress: silentProgress,
    signal,
    staging: home,
  };
}

function peak(): number {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024);
}
