/** One stage over generated objects in this process. A backup comes before plan and restore. */
import "../../src/base/small-heap.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { silentProgress } from "../../src/base/progress.ts";
import { discover } from "../../src/discover/index.ts";
import type { Movers } from "../../src/movers/contract.ts";
import { planBackup } from "../../src/plan/backup.ts";
import { inspect } from "../../src/plan/inspect/inspect.ts";
import { type RunDeps, findPoint, runBackup } from "../../src/run/backup.ts";
import { keepForRun } from "../../src/run/keep.ts";
import { planRestoreRun, runRestore } from "../../src/run/restore.ts";
import { openTarget } from "../../src/store/target.ts";
import { generatedClient, namespacesFor } from "./client.ts";

export type Stage = "discover" | "backup" | "plan" | "restore";

export interface StageResult {
  readonly stage: Stage;
  readonly objects: number;
  readonly peakMiB: number;
  /** What a fresh process holds that has loaded the same code. */
  readonly idleMiB: number;
  readonly seconds: number;
  readonly result: unknown;
}

interface Place {
  readonly objects: number;
  readonly namespaces: readonly string[];
  readonly home: string;
}

const noMovers: Movers = { run: () => Promise.reject(new Error("no mover is needed here")), cleanUp: async () => {} };
const key = Buffer.alloc(32, 7).toString("base64");

export async function runStage(stage: Stage, objects: number, home: string): Promise<StageResult> {
  const idleMiB = peak();
  const startedAt = performance.now();
  const work = { discover: look, backup: backUp, plan, restore };
  const result = await work[stage]({ objects, namespaces: namespacesFor(objects), home });
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { stage, objects, peakMiB: peak(), idleMiB, seconds, result };
}

/** What `holdfast inspect` does, and the first half of a backup. */
async function look({ namespaces }: Place): Promise<unknown> {
  const inventory = await discover(generatedClient(true), { namespaces }, silentProgress, keepForRun());
  const report = inspect(inventory);
  const steps = planBackup(inventory, {
    type: "Full",
    previous: undefined,
    namespaces: namespaces.map((name) => ({ name })),
  });
  return { objects: report.objects.total, edges: inventory.edges.length, steps: steps.steps.length };
}

async function backUp({ objects: count, namespaces, home }: Place): Promise<unknown> {
  const deps = await depsOf(home, true);
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

async function plan(place: Place): Promise<unknown> {
  const { deps, run } = await restoreRun(place);
  const made = await planRestoreRun(deps, run);
  return { steps: made.steps.length, decisions: made.decisions.length };
}

async function restore(place: Place): Promise<unknown> {
  const { deps, run } = await restoreRun(place);
  const { report } = await runRestore(deps, run);
  return { created: report.outcomes.filter((one) => one.result === "created").length };
}

async function restoreRun({ objects: count, namespaces, home }: Place) {
  const deps = await depsOf(home, false);
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

async function depsOf(home: string, full: boolean): Promise<RunDeps> {
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
