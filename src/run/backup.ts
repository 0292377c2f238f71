import { Fault, toFault } from "../base/fault.ts";
import { letGarbageGrow } from "../base/small-heap.ts";
import { capture, cleanUpRun } from "../capture/index.ts";
import type { BackupScope } from "../flow/backup-scope.ts";
import type { RecoveryPoint, ResourceName } from "../flow/recovery-point.ts";
import type { StageDeps } from "../movers/stage.ts";
import { planBackup } from "../plan/backup.ts";
import { planPath } from "../store/layout.ts";
import type { TargetStore } from "../store/contract.ts";
import { kitFindings } from "./recovery-kit.ts";
import { withReferences } from "./references.ts";
import { discoverScope } from "./scope.ts";

/** What a run needs of the world. */
export interface RunDeps extends StageDeps {
  /** A directory for object streams on their way, memory-backed in pods. Made 0700, emptied after. */
  readonly staging: string;
}

export interface BackupRun extends BackupScope {
  /** Names everything temporary of this run; the same when the run starts again after a kill. */
  readonly run: string;
  readonly plan: ResourceName;
  readonly backup: ResourceName;
  readonly type: "Full" | "Incremental";
  readonly clusterName: string;
}

/**
 * discover -> plan -> capture -> seal. A run that was killed starts over: what it left is removed first, what it had
 * uploaded is found again by deduplication, and a point that it had sealed is its result.
 */
export async function runBackup(deps: RunDeps, run: BackupRun): Promise<RecoveryPoint> {
  const { client, target, movers, progress, signal } = deps;
  letGarbageGrow();
  await cleanUpRun(client, movers, run.run);

  const { inventory, selection } = await discoverScope(client, run, progress);
  const earlier = await pointsOf(target, inventory.cluster.uid, run.plan);
  const sealed = earlier.find((point) => point.backup.uid === run.backup.uid);
  if (sealed) return sealed;

  const previous = run.type === "Incremental" ? earlier[0] : undefined;
  if (run.type === "Incremental" && !previous)
    progress.note("no earlier point of this plan: the Incremental is a Full");
  progress.stage(
    "Plan",
    `${inventory.objects.length} objects, ${inventory.volumes.length} volumes, ${inventory.buckets.length} buckets`,
  );
  const planned = planBackup(inventory, {
    type: run.type,
    previous,
    ...selection,
  });
  const steps = { ...planned, findings: [...planned.findings, ...(await kitFindings(target))] };
  for (const finding of steps.findings) progress.finding(finding);
  try {
    const captured = await capture({ ...deps, run: run.run }, steps, inventory, {
      clusterName: run.clusterName,
      plan: run.plan,
      backup: run.backup,
      type: run.type,
      previous,
      isFresh: true,
    });
    signal.throwIfAborted();
    const point = await withReferences(deps, captured, inventory, earlier);
    signal.throwIfAborted();
    progress.stage("Seal", `writing the manifest of ${point.id}`);
    await target.seal(point);
    return point;
  } finally {
    // What cannot be removed now must not hide how the run ended: who started the run cleans up once more.
    await cleanUpRun(client, movers, run.run).catch((error: unknown) =>
      progress.note(`cleaning up: ${toFault(error).message}`),
    );
  }
}

/** Points of a plan on this target, newest first. */
async function pointsOf(target: TargetStore, cluster: string, plan: ResourceName): Promise<RecoveryPoint[]> {
  const found: RecoveryPoint[] = [];
  for await (const point of target.points({ cluster, plan: planPath(plan) })) found.push(point);
  return found;
}

/** The point that a person names: its id, the start of it, or the name of its backup. */
export async function findPoint(target: TargetStore, name: string): Promise<RecoveryPoint> {
  const matches: RecoveryPoint[] = [];
  for await (const point of target.points()) {
    if (point.id === name || point.backup.name === name || point.id.startsWith(name)) matches.push(point);
  }
  const exact = matches.find((point) => point.id === name) ?? (matches.length === 1 ? matches[0] : undefined);
  if (exact) return exact;
  if (matches.length > 1) {
    throw new Fault(
      "USAGE",
      `"${name}" fits ${matches.length} recovery points: ${matches.map((point) => point.id).join(", ")}`,
      {
        hint: "name one of them in full",
      },
    );
  }
  throw new Fault("NOT_FOUND", `no recovery point "${name}" on this target`, {
    hint: "holdfast points --from TARGET lists them",
  });
}
