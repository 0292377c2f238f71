import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kindResource } from "../api/resources.ts";
import { Fault, toFault } from "../base/fault.ts";
import { type KubeObject, refKey } from "../flow/object.ts";
import { connect } from "../kube/connect.ts";
import type { KubeClient } from "../kube/contract.ts";
import { pods } from "../kube/well-known.ts";
import { systemNamespace } from "../movers/contract.ts";
import { kubeMovers } from "../movers/run.ts";
import { runBackup, type RunDeps } from "../run/backup.ts";
import { type RunOrder, orderPath } from "../run/order.ts";
import { pointStatus } from "../run/point-status.ts";
import { planRestoreRun, type RestoreRun, runRestore } from "../run/restore.ts";
import { restoreStatus } from "../run/restore-status.ts";
import { restorePlanText } from "../plan/restore-text.ts";
import { backupRunOf, isFinished } from "../run/specs.ts";
import { readRestoreOptions } from "../run/transform-sets.ts";
import { openTarget } from "../store/target.ts";
import { log, statusProgress } from "./status.ts";
import { syncTarget } from "./target.ts";

/**
 * The process of a runner pod: does what its order says and leaves the outcome in the status of the resource. Exit code 0
 * means that the outcome, good or bad, is written there; anything else makes the Job start the pod again.
 */
export async function runRunner(signal: AbortSignal): Promise<void> {
  const order = JSON.parse(await readFile(orderPath, "utf8")) as RunOrder;
  const client = await connect({ inCluster: true });
  try {
    const resource = kindResource(order.resource.kind);
    const subject = await client.find(resource, order.resource.name, order.resource.namespace);
    const idle = whyIdle(order, subject);
    if (idle || !subject) return log("info", `${order.resource.kind} ${order.resource.name} ${idle}: nothing to do`);
    const report = statusProgress(client, resource, subject);
    const say = await outcomeOf({ order, client, subject, report, signal });
    await retrying(say);
  } finally {
    await client.close();
  }
}

/** A pod that is started once more after the outcome was written must not do it all again, and not for another object. */
function whyIdle({ work, resource }: RunOrder, subject: KubeObject | undefined): string | undefined {
  if (subject?.metadata.uid !== resource.uid) return "is gone";
  const over = (work === "backup" || work === "restore") && isFinished(subject);
  return over ? `is ${subject.status.status}` : undefined;
}

/**
 * Does the work; gives what writes its outcome. The two are apart so that a server that cannot be written to never makes
 * a failure of a success: then the pod ends badly, and the next one finds the work done.
 */
async function outcomeOf(task: Task): Promise<() => Promise<void>> {
  const { order, report, signal } = task;
  try {
    return await work[order.work](task);
  } catch (error) {
    const fault = toFault(error);
    log("debug", fault.stack ?? fault.message);
    if (signal.aborted || order.work === "forget") throw fault; // the pod is being stopped, not the run; the operator tells of a forget
    return () => report.fail(fault, order.work === "target" ? { status: "Unavailable" } : {});
  }
}

interface Task {
  readonly order: RunOrder;
  readonly client: KubeClient;
  readonly subject: KubeObject;
  readonly report: ReturnType<typeof statusProgress>;
  readonly signal: AbortSignal;
}

const nothingToSay = async () => {};

const work: Record<RunOrder["work"], (task: Task) => Promise<() => Promise<void>>> = {
  async backup(task) {
    const { client, subject, report, order } = task;
    const plan = await readPlan(client, subject);
    const point = await opened(task, (deps) =>
      runBackup(deps, backupRunOf(subject, plan, order.run, order.clusterName)),
    );
    return () => report.finish(pointStatus(point, order.target));
  },
  async restore(task) {
    const { subject, report, order } = task;
    if (subject.spec.dryRun) return dryRun(task);
    const { report: result } = await opened(task, async (deps) => {
      const { point, options } = await asked(task, deps);
      return runRestore(deps, { run: order.run, point, options });
    });
    // The status keeps the first ones of each sort, the log every object.
    for (const { ref, result: ended, reason } of result.outcomes) log("info", `${ended} ${refKey(ref)}: ${reason}`);
    // Stopped with its pod (a drained node, a deleted Restore): the next one goes on from here, if there is one.
    if (result.stopped) throw new Fault("CANCELLED", result.stopped);
    const summary = restoreStatus(result);
    const failed = [...summary.failedResources, ...summary.failedData];
    if (failed.length === 0) return () => report.finish(summary);
    const text = `${failed.length} parts did not come back: ${failed.slice(0, 3).join("; ")}`;
    return () => report.fail(new Fault("RESTORE", text), summary);
  },
  async target(task) {
    await opened(task, (deps) => syncTarget(task.client, deps.target, task.order, task.subject), { create: true });
    return nothingToSay;
  },
  async forget(task) {
    const where = task.subject.status?.point;
    if (!where) return nothingToSay;
    const { freed } = await opened(task, (deps) => removePoint(task, deps, where));
    log("info", `recovery point ${where.id} is removed, ${freed} bytes freed`);
    return nothingToSay;
  },
};

/** Opens the target of the order for `work`, and closes it after. */
async function opened<T>(
  task: Task,
  work: (deps: RunDeps) => Promise<T>,
  options: { create?: boolean } = {},
): Promise<T> {
  const { order, client, report, signal } = task;
  const staging = await mkdtemp(join(process.env.HOLDFAST_STAGING ?? tmpdir(), "run-"));
  const target = await openTarget(order.access, order.key, {
    create: options.create ?? false,
    notes: (text) => report.note(text),
  });
  const movers = kubeMovers({
    client,
    image: order.image,
    pullPolicy: order.pullPolicy,
    ...(order.targetVolume ? { targetVolume: order.targetVolume } : {}),
  });
  try {
    return await work({ client, target, access: order.access, movers, progress: report, signal, staging });
  } finally {
    await target.close();
  }
}

/**
 * Removing needs every lock of the point's repositories. What a killed mover or runner left would hold it up for half an hour,
 * so locks of pods that are gone are taken away first. A lock of anybody else is waited for.
 */
async function removePoint(
  task: Task,
  { target }: RunDeps,
  where: { cluster: string; plan: string; id: string },
): Promise<{ freed: number }> {
  const alive = new Set<string>();
  for await (const { object: pod } of task.client.list(pods, { namespace: systemNamespace })) {
    if (!["Succeeded", "Failed"].includes(pod.status?.phase)) alive.add(pod.metadata.name);
  }
  const isDead = ({ hostname }: { hostname: string }) =>
    /^(mover|backup|restore|target|forget)-/.test(hostname) && !alive.has(hostname);
  const released = await target.releaseLocks(await target.repositories(), isDead);
  if (released > 0) log("info", `${released} locks of pods that are gone were taken away`);
  return target.removePoint(where.cluster, where.plan, where.id, { prune: true });
}

/** Decides, says what would happen, changes nothing: the plan is the pod's log, its sum the status. */
async function dryRun(task: Task): Promise<() => Promise<void>> {
  const { subject, report, order } = task;
  const plan = await opened(task, async (deps) => {
    // The rights to write are given when it is meant: this runner has none, and the real one will have all.
    const client = { ...deps.client, can: async () => true };
    return planRestoreRun({ ...deps, client }, { run: order.run, ...(await asked(task, deps)) });
  });
  for (const line of restorePlanText(plan).split("\n")) log("info", line);
  const count = (action: string) => plan.decisions.filter((one) => one.action === action).length;
  const message = `dry run: ${count("create")} objects would come back, ${count("skip")} would not; the whole plan: kubectl holdfast logs ${subject.metadata.name}`;
  return () => report.finish({ message });
}

/** The point of a restore, and what of it comes back. */
async function asked({ subject, client }: Task, { target }: RunDeps): Promise<Pick<RestoreRun, "point" | "options">> {
  const where = sourceOf(subject);
  const point = await target.readPoint(where.cluster, where.plan, where.id);
  return { point, options: await readRestoreOptions(client, subject, point) };
}

async function readPlan(client: KubeClient, backup: KubeObject): Promise<KubeObject> {
  const cluster = backup.kind === "ClusterBackup";
  const ref = cluster ? backup.spec.clusterBackupPlan : backup.spec.backupPlan;
  return client.get(
    kindResource(cluster ? "ClusterBackupPlan" : "BackupPlan"),
    ref.name,
    cluster ? undefined : (ref.namespace ?? backup.metadata.namespace),
  );
}

/** The operator has resolved the source into status.point before it made this pod. */
function sourceOf({ kind, metadata, status }: KubeObject): { cluster: string; plan: string; id: string } {
  if (status?.point) return status.point;
  throw new Fault("INTERNAL", `${kind} ${metadata.name} has no status.point`);
}

/** The last word on a run must reach the API server even while it restarts. */
async function retrying(write: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (attempt >= 30) throw error;
      await sleep(2000);
    }
  }
}
