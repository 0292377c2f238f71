/**
 * One controller for Backup, ClusterBackup, Restore and ClusterRestore: each object is one run, done by a runner Job.
 * The operator decides whether it may start, makes the Job, and says so if the Job ends without a word. All else in the
 * status is written by the runner. Everything here can be repeated; the state is in the API server alone.
 */
import { kindResource } from "../../api/resources.ts";
import { Fault, toFault } from "../../base/fault.ts";
import type { KubeObject } from "../../flow/object.ts";
import { jobOutcome } from "../../kube/job-outcome.ts";
import { jobs } from "../../kube/well-known.ts";
import { fromTargetLabel } from "../../agent/target.ts";
import { isFinished } from "../../run/specs.ts";
import { resolveTarget } from "../../run/target-access.ts";
import { giveAccess } from "../restore-access.ts";
import { runnerTrouble } from "../runner-trouble.ts";
import { runnerName } from "../runner.ts";
import { startedRunner, startRunner } from "../start-runner.ts";
import { type Deps, type Next, runIdOf, textOf } from "./deps.ts";
import { endRestore, runFinalizer, tidy } from "./end.ts";
import { forget, pointFinalizer } from "./forget.ts";
import { namespacesOf, type PointRef, sourceOf, targetOf } from "./references.ts";
import { say } from "./status.ts";
import { isBackup, turnOf } from "./turn.ts";

const giveUpMs = 10 * 60_000;
/** What may mend itself. */
const passing = new Set(["UNAVAILABLE", "TIMEOUT", "CONFLICT", "KUBE"]);

export async function reconcileRun(deps: Deps, kind: string, name: string, namespace?: string): Promise<Next> {
  const object = await deps.client.find(kindResource(kind), name, namespace);
  if (!object) return undefined;
  const { deletionTimestamp, labels } = object.metadata;
  if (deletionTimestamp) return isBackup(object) ? forget(deps, object) : endRestore(deps, object);
  if (isBackup(object) && ownsPoint(deps, object) && (await addFinalizer(deps, object, pointFinalizer))) return 0;
  if (isFinished(object)) return tidy(deps, object);
  if (!isBackup(object) && (await addFinalizer(deps, object, runFinalizer))) return 0;
  if (labels?.[fromTargetLabel]) return undefined; // its status follows from the target
  try {
    return await progressRun(deps, object);
  } catch (error) {
    return refuse(deps, object, toFault(error));
  }
}

/** Points written by another cluster are shown here, not owned: deleting their object leaves the data alone. */
function ownsPoint(deps: Deps, object: KubeObject): boolean {
  const from = object.metadata.labels?.[fromTargetLabel];
  return from === undefined || from === deps.clusterUid;
}

/** True where it was not there yet: the object is another now, and comes again. */
async function addFinalizer({ client }: Deps, object: KubeObject, finalizer: string): Promise<boolean> {
  const { name, namespace, finalizers = [], resourceVersion } = object.metadata;
  if (finalizers.includes(finalizer)) return false;
  await client.patch(kindResource(object.kind), name, namespace, {
    metadata: { finalizers: [...finalizers, finalizer], resourceVersion },
  });
  return true;
}

async function progressRun(deps: Deps, object: KubeObject): Promise<Next> {
  const job = await startedRunner(deps, workOf(object), runIdOf(object));
  return job ? watchJob(deps, object, job) : deps.oneAtATime(() => startWhenItsTurn(deps, object));
}

async function startWhenItsTurn(deps: Deps, object: KubeObject): Promise<Next> {
  const { client, settings } = deps;
  const waitsFor = await turnOf(deps, object);
  if (waitsFor) {
    await say(deps, object, { status: "Queued", message: `waits for ${waitsFor}` });
    return 5000;
  }
  const work = workOf(object);
  const run = runIdOf(object);
  const name = runnerName(work, run);
  const point = work === "restore" ? await sourceOf(client, object) : undefined;
  const target = await resolveTarget(client, point?.target ?? (await targetOf(client, object)), settings.namespace);
  const writes = point && !object.spec.dryRun;
  if (writes) {
    const shared = object.spec.includeClusterResources === true;
    await giveAccess(client, settings, run, name, namespacesOf(object) ?? point.namespaces, shared);
  }
  await say(deps, object, {
    status: "InProgress",
    startTimestamp: object.status?.startTimestamp ?? new Date().toISOString(),
    percentageCompletion: 0,
    runner: { job: name },
    message: "",
    ...(point ? { point: shown(point) } : {}),
  });
  await startRunner(deps, object, { work, run, target, ...(writes ? { serviceAccount: name } : {}) });
  await deps.events.record(object, {
    type: "Normal",
    reason: "Started",
    message: `runner Job ${settings.namespace}/${name} started`,
  });
  return undefined;
}

function shown({ namespaces: _namespaces, ...point }: PointRef): Omit<PointRef, "namespaces"> {
  return point;
}

function workOf(object: KubeObject): "backup" | "restore" {
  return isBackup(object) ? "backup" : "restore";
}

async function watchJob(deps: Deps, object: KubeObject, job: KubeObject): Promise<Next> {
  const outcome = jobOutcome(job);
  if (!outcome) return watchStart(deps, object, job);
  // The status may have been written a moment after we read it.
  const fresh = await again(deps, object);
  if (!fresh || isFinished(fresh)) return fresh && tidy(deps, fresh);
  throw new Fault("INTERNAL", `the runner ended without a result: ${outcome.message || "it was complete"}`, {
    hint: `kubectl holdfast logs ${object.metadata.name}`,
  });
}

/** A runner whose pod cannot start is said to be so, and given up after a while: nothing mends it by itself. */
async function watchStart(deps: Deps, object: KubeObject, job: KubeObject): Promise<Next> {
  const trouble = await runnerTrouble(deps.client, job);
  if (!trouble) return 15_000;
  const message = `the runner cannot start: ${textOf(trouble)}`;
  if (trouble.forMs > giveUpMs) {
    await deps.client.remove(jobs, job.metadata.name, deps.settings.namespace);
    throw new Fault("INTERNAL", message);
  }
  await say(deps, object, { status: "InProgress", message });
  return 10_000;
}

/** A run that cannot start or go on. What may mend itself is tried again; the rest is final and says what to do. */
async function refuse(deps: Deps, stale: KubeObject, fault: Fault): Promise<Next> {
  const object = await again(deps, stale);
  if (!object || isFinished(object)) return object && tidy(deps, object);
  const message = textOf(fault);
  if (fault.retry === "soon" || passing.has(fault.code)) {
    const status = object.status?.status === "InProgress" ? "InProgress" : "Queued";
    await say(deps, object, { status, message });
    return 5000;
  }
  await say(deps, object, { status: "Failed", message, completionTimestamp: new Date().toISOString() });
  await deps.events.record(object, { type: "Warning", reason: fault.code, message });
  return 0; // comes again as one that is over
}

function again({ client }: Deps, { kind, metadata }: KubeObject): Promise<KubeObject | undefined> {
  return client.find(kindResource(kind), metadata.name, metadata.namespace);
}
