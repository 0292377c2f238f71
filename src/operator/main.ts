import { createServer } from "node:http";
import pLimit from "p-limit";
import { kindResource } from "../api/resources.ts";
import { log } from "../agent/status.ts";
import { toFault } from "../base/fault.ts";
import { connect } from "../kube/connect.ts";
import type { KubeClient } from "../kube/contract.ts";
import { createRecorder } from "../kube/events.ts";
import { acquireLease } from "../kube/lease.ts";
import { createQueue, type Queue } from "../kube/queue.ts";
import { jobs, namespaces } from "../kube/well-known.ts";
import { runLabel } from "../movers/contract.ts";
import { type Deps, type Next, runIdOf } from "./controllers/deps.ts";
import { reconcileRun } from "./controllers/run.ts";
import { reconcileOrphan } from "./controllers/orphan.ts";
import { reconcilePlan } from "./controllers/plan.ts";
import { reconcileTarget } from "./controllers/target.ts";
import { readSettings } from "./settings.ts";

type Reconcile = (deps: Deps, name: string, namespace: string | undefined) => Promise<Next>;

/** Every kind that the operator answers for. */
const reconcilers: Record<string, Reconcile> = {
  Target: (deps, name, namespace) => reconcileTarget(deps, name, namespace ?? ""),
  BackupPlan: (deps, name, namespace) => reconcilePlan(deps, "BackupPlan", name, namespace),
  ClusterBackupPlan: (deps, name) => reconcilePlan(deps, "ClusterBackupPlan", name, undefined),
  Backup: (deps, name, namespace) => reconcileRun(deps, "Backup", name, namespace),
  ClusterBackup: (deps, name) => reconcileRun(deps, "ClusterBackup", name),
  Restore: (deps, name, namespace) => reconcileRun(deps, "Restore", name, namespace),
  ClusterRestore: (deps, name) => reconcileRun(deps, "ClusterRestore", name),
};

/** Waits for the Lease, then keeps every object of Holdfast reconciled until SIGTERM. Losing the Lease ends the process. */
export async function runOperator(): Promise<void> {
  const settings = await readSettings(process.env);
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort());
  process.once("SIGINT", () => stop.abort());
  const client = await connect({ inCluster: true });
  const health = serveHealth(client);
  const lease = await acquireLease(client, {
    namespace: settings.namespace,
    name: "holdfast-operator",
    identity: settings.identity,
    signal: stop.signal,
    onWaiting: (holder) => log("info", `${holder} holds the lease: waiting`),
    onLost(fault) {
      log("error", fault.message);
      process.exit(1); // another replica works now; nothing of ours may go on
    },
  });
  log("info", `${settings.identity} holds the lease`);
  const clusterUid = (await client.get(namespaces, "kube-system")).metadata.uid ?? "";
  const deps: Deps = {
    client,
    settings,
    clusterUid,
    events: createRecorder(client, { component: "holdfast-operator" }),
    oneAtATime: pLimit(1),
  };

  const queue = createQueue({
    concurrency: 8,
    work: (key) => reconcile(deps, key),
    onError: (key, error, attempt, waitMs) =>
      log("warning", `${key}: ${toFault(error).message} (try ${attempt}, again in ${Math.round(waitMs / 1000)} s)`),
  });
  await Promise.all([
    ...Object.keys(reconcilers).map((kind) => watchKind(client, queue, kind, stop.signal)),
    watchJobs(client, queue, settings.namespace, stop.signal),
  ]).catch((error) => {
    if (!stop.signal.aborted) throw error;
  });
  await queue.close();
  await lease.release();
  health.close();
  await client.close();
}

async function reconcile(deps: Deps, key: string): Promise<number | undefined> {
  const [kind = "", namespace = "", name = ""] = key.split("/");
  if (kind === "run") return reconcileOrphan(deps, name);
  return reconcilers[kind]?.(deps, name, namespace || undefined);
}

async function watchKind(client: KubeClient, queue: Queue, kind: string, signal: AbortSignal): Promise<void> {
  for await (const event of client.watch(kindResource(kind), { signal })) {
    for (const object of event.type === "init" ? event.objects : [event.object]) {
      queue.add(`${kind}/${object.metadata.namespace ?? ""}/${object.metadata.name}`);
      if (event.type === "delete") queue.add(`run//${runIdOf({ ...object, kind })}`);
    }
  }
}

/** A runner Job that changes brings its resource to the queue; one whose resource is gone is cleaned up. */
async function watchJobs(client: KubeClient, queue: Queue, namespace: string, signal: AbortSignal): Promise<void> {
  for await (const event of client.watch(jobs, { namespace, labels: "app.kubernetes.io/component=runner", signal })) {
    for (const job of event.type === "init" ? event.objects : [event.object]) {
      const [kind = "", path = ""] = (job.metadata.annotations?.["holdfast.dev/for"] ?? "").split(" ");
      const [first = "", second] = path.split("/");
      if (kind) queue.add(second === undefined ? `${kind}//${first}` : `${kind}/${first}/${second}`);
      const run = job.metadata.labels?.[runLabel];
      if (run && event.type === "init") queue.add(`run//${run}`);
    }
  }
}

/** /healthz: the process turns. /readyz: the API server answers. */
function serveHealth(client: KubeClient): ReturnType<typeof createServer> {
  return createServer((request, response) => {
    const ready = request.url === "/readyz" ? client.version() : Promise.resolve("ok");
    ready.then(
      () => response.end("ok\n"),
      (error: unknown) => response.writeHead(503).end(`${toFault(error).message}\n`),
    );
  }).listen(8081);
}
