import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kindResource } from "../api/index.ts";
import { Fault, toFault } from "../base/fault.ts";
import type { ApiResource, KubeObject } from "../flow/object.ts";
import { connect } from "../kube/connect.ts";
import type { KubeClient } from "../kube/contract.ts";
import { jobs } from "../kube/well-known.ts";
import { runLabel, systemNamespace } from "../movers/contract.ts";
import { kubeMovers } from "../movers/run.ts";
import { runBackup, type RunDeps } from "../run/backup.ts";
import { type RunOrder, orderPath } from "../run/order.ts";
import { pointStatus } from "../run/point-status.ts";
import { planRestoreRun, runRestore } from "../run/restore.ts";
import { restoreStatus } from "../run/restore-status.ts";
import { restorePlanText } from "../plan/restore-text.ts";
import { backupRunOf, restoreOptionsOf } from "../run/specs.ts";
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
  const resource = kindResource(order.resource.kind);
  const subject = await client.find(resource, order.resource.name, order.resource.namespace);
  if (!subject && order.work !== "forget")
    return log("info", `${order.resource.kind} ${order.resource.name} is gone: nothing to do`);
  const report = statusProgress(client, resource, subject ?? nameless(order));
  try {
    await work[order.work]({ order, client, resource, subject: subject ?? nameless(order), report, signal });
  } catch (error) {
    const fault = toFault(error);
    log("debug", fault.stack ?? fault.message);
    if (signal.aborted && order.work !== "forget") throw fault; // the pod is being stopped, not the run
    if (order.work === "forget") throw fault;
    await retrying(() => report.fail(fault, order.work === "target" ? { status: "Unavailable" } : {}));
  } finally {
    await client.close();
  }
}

interface Task {
  readonly order: RunOrder;
  readonly client: KubeClient;
  readonly resource: ApiResource;
  readonly subject: KubeObject;
  readonly report: ReturnType<typeof statusProgress>;
  readonly signal: AbortSignal;
}

const work: Record<RunOrder["work"], (task: Task) => Promise<void>> = {
  async backup(task) {
    const { client, subject, report, order } = task;
    const plan = await readPlan(client, subject);
    const point = await opened(task, (deps) =>
      runBackup(deps, backupRunOf(subject, plan, order.run, order.clusterName)),
    );
    await retrying(() => report.finish(pointStatus(point, order.target)));
  },
  async restore(task) {
    const { subject, report, order } = task;
    const where = sourceOf(task);
    if (subject.spec.dryRun) return dryRun(task, where);
    const { report: result } = await opened(task, async (deps) => {
      const point = await deps.target.readPoint(where.cluster, where.plan, where.id);
      return runRestore(deps, { run: order.run, point, options: restoreOptionsOf(subject, point) });
    });
    const summary = restoreStatus(result);
    const failed = [...summary.failedResources, ...summary.failedData];
    if (failed.length === 0) return retrying(() => report.finish(summary));
    await retrying(() =>
      report.fail(
        new Fault("RESTORE", `${failed.length} parts did not come back: ${failed.slice(0, 3).join("; ")}`),
        summary,
      ),
    );
  },
  async target(task) {
    await opened(task, (deps) => syncTarget(task.client, deps.target, task.order, task.subject), { create: true });
  },
  async forget(task) {
    const where = task.subject.status?.point;
    if (!where) return;
    const { freed } = await opened(task, (deps) => removePoint(task, deps, where));
    log("info", `recovery point ${where.id} is removed, ${freed} bytes freed`);
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
 * Removing needs every lock of the repositories. Locks that stay are of movers that were killed: where no mover and no other
 * runner is alive, they are taken away and it is tried once more.
 */
async function removePoint(
  task: Task,
  { target }: RunDeps,
  where: { cluster: string; plan: string; id: string },
): Promise<{ freed: number }> {
  const remove = () => target.removePoint(where.cluster, where.plan, where.id, { prune: true });
  try {
    return await remove();
  } catch (error) {
    if (toFault(error).code !== "LOCKED" || (await othersAtWork(task))) throw error;
    for (const name of await target.repositories()) await (await target.existingRepository(name)).recover();
    return remove();
  }
}

async function othersAtWork({ client, order }: Task): Promise<boolean> {
  for await (const { object: job } of client.list(jobs, { namespace: systemNamespace, labels: runLabel })) {
    const own =
      job.metadata.labels?.[runLabel] === order.run && job.metadata.labels?.["holdfast.dev/work"] === "forget";
    if (!own && (job.status?.active ?? 0) > 0) return true;
  }
  return false;
}

/** Decides, says what would happen, changes nothing: the plan is the pod's log, its sum the status. */
async function dryRun(task: Task, where: ReturnType<typeof sourceOf>): Promise<void> {
  const { subject, report, order } = task;
  const plan = await opened(task, async (deps) => {
    const point = await deps.target.readPoint(where.cluster, where.plan, where.id);
    return planRestoreRun(deps, { run: order.run, point, options: restoreOptionsOf(subject, point) });
  });
  for (const line of restorePlanText(plan).split("\n")) log("info", line);
  const count = (action: string) => plan.decisions.filter((one) => one.action === action).length;
  await retrying(() =>
    report.finish({
      message: `dry run: ${count("create")} objects would come back, ${count("skip")} would not; the whole plan: kubectl holdfast logs ${subject.metadata.name}`,
    }),
  );
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
function sourceOf(task: Task): { cluster: string; plan: string; id: string } {
  const point = task.subject.status?.point;
  if (point) return point;
  throw new Fault("INTERNAL", `${task.subject.kind} ${task.subject.metadata.name} has no status.point`);
}

function nameless(order: RunOrder): KubeObject {
  return {
    apiVersion: "holdfast.dev/v1alpha1",
    kind: order.resource.kind,
    metadata: {
      name: order.resource.name,
      ...(order.resource.namespace ? { namespace: order.resource.namespace } : {}),
    },
  };
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
