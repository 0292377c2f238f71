import { Fault } from "../base/fault.ts";
import { letGarbageGrow } from "../base/small-heap.ts";
import type { KubeClient } from "../kube/contract.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { RestorePlan, RestoreReport } from "../flow/restore-plan.ts";
import { planRestore, type RestoreOptions } from "../plan/restore.ts";
import {
  gatherTargetFacts,
  type Journal,
  openJournal,
  readPointObjects,
  removeJournal,
  restore,
  tryWrites,
} from "../restore/index.ts";
import type { SavedPlan } from "../plan/saved/saved-plan.ts";
import type { RunDeps } from "./backup.ts";
import { keepForRun } from "./keep.ts";
import { restoredReferences } from "./restored-references.ts";

/** Up to so many, a restore stays under 300 MiB although garbage may grow. Measured by bench/restore. */
const fewObjects = 12_000;

export interface RestoreRun {
  readonly run: string;
  readonly point: RecoveryPoint;
  readonly options: RestoreOptions;
  /** Of the file that the options are from. */
  readonly saved?: SavedPlan;
}

/** Reads the point and the cluster, and decides. Writes nothing: this is the dry run. */
export async function planRestoreRun(deps: RunDeps, run: RestoreRun, journal?: Journal): Promise<RestorePlan> {
  deps.progress.stage("Plan", `reading the objects of ${run.point.id}`);
  const namespaces = run.options.components.map((component) => component.sourceNamespace);
  if (objectsIn(run.point) <= fewObjects) letGarbageGrow();
  const keep = keepForRun();
  const content = await readPointObjects(deps.target, run.point, namespaces, keep);
  const target = await gatherTargetFacts(deps.client, {
    point: run.point,
    content,
    options: run.options,
    ...(journal ? { made: journal.made } : {}),
  });
  const plan = planRestore({ point: run.point, ...content, target, options: run.options, keep, ...savedOf(run) });
  for (const finding of plan.findings) deps.progress.finding(finding);
  return plan;
}

function objectsIn({ namespaces, clusterObjects }: RecoveryPoint): number {
  const kinds = [...namespaces.map((one) => one.objects), clusterObjects].flatMap((one) => one.kinds);
  return kinds.reduce((sum, kind) => sum + kind.count, 0);
}

function savedOf({ saved }: RestoreRun): { saved?: SavedPlan } {
  return saved ? { saved } : {};
}

/** The plan, and what the API server says to each of its writes: it is asked to try them, and writes nothing. */
export async function dryRunRestore(deps: RunDeps, run: RestoreRun): Promise<RestorePlan> {
  const plan = await planRestoreRun(deps, run);
  deps.progress.stage("Plan", "asking the API server to try each write");
  const { findings, ...tried } = await tryWrites(deps.client, plan, { signal: deps.signal });
  for (const finding of findings) deps.progress.finding(finding);
  return { ...plan, tried, findings: [...plan.findings, ...findings] };
}

/** plan -> restore. Can be run again after a kill: every step finds what is done already, and the report is that of one life. */
export async function runRestore(
  deps: RunDeps,
  run: RestoreRun,
): Promise<{ plan: RestorePlan; report: RestoreReport }> {
  const journal = await openJournal(deps, run.run);
  const plan = await planRestoreRun(deps, run, journal).catch((error: unknown) => {
    if (!deps.signal.aborted) throw error;
    throw new Fault("CANCELLED", "the restore was stopped before its first write", { cause: error });
  });
  const report = await restore({ ...deps, run: run.run, journal }, plan, run.point);
  const lost = await restoredReferences(deps, run.point, plan, report);
  for (const finding of lost) deps.progress.finding(finding);
  return { plan, report: { ...report, findings: [...report.findings, ...lost] } };
}

/** When the outcome of a run has been told, or nobody will take it up: then its next life would be a restore of its own. */
export async function forgetRestore(client: KubeClient, run: string): Promise<void> {
  await removeJournal(client, run);
}
