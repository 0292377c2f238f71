/**
 * One controller for Backup, ClusterBackup, Restore and ClusterRestore: each object is one run, done by a runner Job.
 * The operator decides whether it may start, makes the Job, and says so if the Job ends without a word. All else in the
 * status is written by the runner. Everything here can be repeated; the state is in the API server alone.
 */
import { kindResource } from "../../api/index.ts";
import { Fault, toFault } from "../../base/fault.ts";
import { cleanUpRun } from "../../capture/index.ts";
import type { ApiResource, KubeObject } from "../../flow/object.ts";
import { jobs, secrets } from "../../kube/well-known.ts";
import { kubeMovers } from "../../movers/run.ts";
import { fromTargetLabel } from "../../agent/target.ts";
import { giveAccess, takeBack } from "../restore-access.ts";
import { runnerTrouble } from "../runner-trouble.ts";
import { runnerJob, runnerName, runnerSecret } from "../runner.ts";
import { resolveTarget } from "../../run/target-access.ts";
import { type Deps, type Next, runIdOf } from "./deps.ts";
import { forget, pointFinalizer } from "./forget.ts";
import { sourceOf, targetOf } from "./references.ts";

/** Holds a Restore while it runs, so that deleting it stops the run and takes its rights back. */
const runFinalizer = "holdfast.dev/run";

const giveUpMs = 10 * 60_000;
const finished = new Set(["Available", "Failed", "Canceled"]);

export async function reconcileRun(deps: Deps, kind: string, name: string, namespace?: string): Promise<Next> {
  const resource = kindResource(kind);
  const object = await deps.client.find(resource, name, namespace);
  if (!object) return undefined;
  const backup = kind.endsWith("Backup");
  if (object.metadata.deletionTimestamp) return backup ? forget(deps, resource, object) : endRestore(deps, object);
  if (backup && ownsPoint(deps, object) && !object.metadata.finalizers?.includes(pointFinalizer)) {
    await deps.client.patch(resource, name, namespace, {
      metadata: {
        finalizers: [...(object.metadata.finalizers ?? []), pointFinalizer],
        resourceVersion: object.metadata.resourceVersion,
      },
    });
    return 0;
  }
  if (finished.has(object.status?.status)) return tidy(deps, object);
  if (!backup && !object.metadata.finalizers?.includes(runFinalizer)) {
    await deps.client.patch(resource, name, namespace, {
      metadata: {
        finalizers: [...(object.metadata.finalizers ?? []), runFinalizer],
        resourceVersion: object.metadata.resourceVersion,
      },
    });
    return 0;
  }
  if (object.metadata.labels?.[fromTargetLabel]) return undefined; // its status follows from the target
  try {
    return await progressRun(deps, resource, object);
  } catch (error) {
    return refuse(deps, resource, object, toFault(error));
  }
}

/** Points written by another cluster are shown here, not owned: deleting their object leaves the data alone. */
function ownsPoint(deps: Deps, object: KubeObject): boolean {
  const from = object.metadata.labels?.[fromTargetLabel];
  return from === undefined || from === deps.clusterUid;
}

async function progressRun(deps: Deps, resource: ApiResource, object: KubeObject): Promise<Next> {
  const { client, settings } = deps;
  const run = runIdOf(object);
  const work = object.kind.endsWith("Backup") ? "backup" : "restore";
  const name = runnerName(work, run);
  const job = await client.find(jobs, name, settings.namespace);
  if (job) return watchJob(deps, resource, object, job);

  const waitsFor = await turnOf(deps, resource, object);
  if (waitsFor) {
    await say(deps, resource, object, "Queued", `waits for ${waitsFor}`);
    return 5000;
  }
  const point = work === "restore" ? await sourceOf(client, object) : undefined;
  const target = await resolveTarget(client, point?.target ?? (await targetOf(client, object)), settings.namespace);
  const account = work === "restore" ? name : "holdfast-runner";
  if (point) await giveAccess(client, settings, run, account, restoreNamespaces(object, point.namespaces));
  await client.patch(
    resource,
    object.metadata.name,
    object.metadata.namespace,
    {
      status: {
        status: "InProgress",
        startTimestamp: object.status?.startTimestamp ?? new Date().toISOString(),
        observedGeneration: object.metadata.generation ?? 0,
        percentageCompletion: 0,
        runner: { job: name },
        message: "",
        ...(point
          ? {
              point: {
                target: point.target,
                cluster: point.cluster,
                plan: point.plan,
                id: point.id,
                location: point.location,
              },
            }
          : {}),
      },
    },
    { subresource: "status" },
  );
  const spec = {
    order: {
      run,
      work,
      access: target.access,
      key: target.key,
      resource: {
        kind: object.kind,
        name: object.metadata.name,
        ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}),
      },
      target: { name: target.name, namespace: target.namespace },
      ...(target.volume ? { targetVolume: target.volume } : {}),
      image: settings.image,
      pullPolicy: settings.pullPolicy,
      clusterName: settings.clusterName,
    },
    serviceAccount: account,
    owner: {
      kind: object.kind,
      name: object.metadata.name,
      uid: object.metadata.uid ?? "",
      ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}),
    },
  } as const;
  const created = await client.create(jobs, runnerJob(settings, spec));
  await client.apply(secrets, runnerSecret(settings, spec, created));
  await deps.events.record(object, {
    type: "Normal",
    reason: "Started",
    message: `runner Job ${settings.namespace}/${name} started`,
  });
  return undefined;
}

/** The Job exists: its Secret may be missing (killed in between); its end without a word is told here. */
async function watchJob(deps: Deps, resource: ApiResource, object: KubeObject, job: KubeObject): Promise<Next> {
  const { client, settings } = deps;
  const failed = (job.status?.conditions ?? []).find(
    (one: { type: string; status: string }) => one.type === "Failed" && one.status === "True",
  );
  const complete = (job.status?.conditions ?? []).find(
    (one: { type: string; status: string }) => one.type === "Complete" && one.status === "True",
  );
  if (!failed && !complete) {
    if (await client.find(secrets, job.metadata.name, settings.namespace))
      return watchStart(deps, resource, object, job);
    await client.remove(jobs, job.metadata.name, settings.namespace, {
      propagation: "Background",
      uid: job.metadata.uid ?? "",
    });
    return 1000; // made again with its Secret
  }
  // The status may have been written a moment after we read it.
  const fresh = await client.find(resource, object.metadata.name, object.metadata.namespace);
  if (!fresh || finished.has(fresh.status?.status)) return fresh ? tidy(deps, fresh) : undefined;
  throw new Fault("INTERNAL", `the runner ended without a result: ${failed?.message ?? "it was complete"}`, {
    hint: `kubectl holdfast logs ${object.metadata.name}`,
  });
}

/** A runner whose pod cannot start is said to be so, and given up after a while: nothing mends it by itself. */
async function watchStart(deps: Deps, resource: ApiResource, object: KubeObject, job: KubeObject): Promise<Next> {
  const trouble = await runnerTrouble(deps.client, job);
  if (!trouble) return 15_000;
  const text = `the runner cannot start: ${trouble.message}`;
  if (trouble.forMs > giveUpMs) {
    await deps.client.remove(jobs, job.metadata.name, deps.settings.namespace, { propagation: "Background" });
    throw new Fault("INTERNAL", text, { hint: trouble.hint });
  }
  await say(deps, resource, object, "InProgress", `${text}; ${trouble.hint}`);
  return 10_000;
}

/** Runs of one plan, and restores into one namespace, go one after the other. Gives what is waited for. */
async function turnOf(deps: Deps, resource: ApiResource, object: KubeObject): Promise<string | undefined> {
  const mine = turnKeys(object);
  for await (const { object: other } of deps.client.list(resource, {})) {
    if (other.metadata.uid === object.metadata.uid || finished.has(other.status?.status)) continue;
    if (other.metadata.labels?.[fromTargetLabel]) continue;
    if (!turnKeys(other).some((key) => mine.includes(key))) continue;
    const first = other.status?.status === "InProgress" || olderThan(other, object);
    if (first) return `${other.kind} ${other.metadata.name}`;
  }
  return undefined;
}

function turnKeys(object: KubeObject): string[] {
  const { spec } = object;
  if (spec.clusterBackupPlan) return [`plan ${spec.clusterBackupPlan.name}`];
  if (spec.backupPlan)
    return [`plan ${spec.backupPlan.namespace ?? object.metadata.namespace}/${spec.backupPlan.name}`];
  if (object.kind === "Restore") return [`namespace ${object.metadata.namespace}`];
  return (spec.components ?? []).map(
    (one: KubeObject["spec"]) => `namespace ${one.restoreNamespace ?? one.sourceNamespace}`,
  );
}

function olderThan(a: KubeObject, b: KubeObject): boolean {
  const byTime = (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? "");
  return byTime < 0 || (byTime === 0 && (a.metadata.uid ?? "") < (b.metadata.uid ?? ""));
}

function restoreNamespaces(object: KubeObject, all: readonly string[]): string[] {
  if (object.kind === "Restore") return [object.metadata.namespace ?? ""];
  const named = (object.spec.components ?? []).map(
    (one: KubeObject["spec"]) => one.restoreNamespace ?? one.sourceNamespace,
  );
  return named.length > 0 ? [...new Set<string>(named)] : [...all];
}

/** A run that cannot start or go on. What may mend itself is tried again; the rest is final and says what to do. */
async function refuse(deps: Deps, resource: ApiResource, object: KubeObject, fault: Fault): Promise<Next> {
  const text = fault.hint ? `${fault.message}; ${fault.hint}` : fault.message;
  const again = fault.retry === "soon" || ["UNAVAILABLE", "TIMEOUT", "CONFLICT", "KUBE"].includes(fault.code);
  if (again) {
    await say(deps, resource, object, object.status?.status === "InProgress" ? "InProgress" : "Queued", text);
    return 5000;
  }
  await say(deps, resource, object, "Failed", text);
  await deps.events.record(object, { type: "Warning", reason: fault.code, message: text });
  return tidy(deps, object);
}

async function say(
  deps: Deps,
  resource: ApiResource,
  object: KubeObject,
  status: string,
  message: string,
): Promise<void> {
  if (object.status?.status === status && object.status?.message === message) return;
  await deps.client.patch(
    resource,
    object.metadata.name,
    object.metadata.namespace,
    {
      status: {
        status,
        message,
        observedGeneration: object.metadata.generation ?? 0,
        ...(status === "Failed" ? { completionTimestamp: new Date().toISOString() } : {}),
      },
    },
    { subresource: "status" },
  );
}

/** The run is over: what it was given is taken back, what it made is gone. The runner Job stays a while for its log. */
export async function tidy(deps: Deps, object: KubeObject): Promise<Next> {
  if (object.metadata.annotations?.["holdfast.dev/tidied"] === "true") return undefined;
  if (object.metadata.labels?.[fromTargetLabel]) return undefined;
  const { client, settings } = deps;
  const run = runIdOf(object);
  const work = object.kind.endsWith("Backup") ? "backup" : "restore";
  const name = runnerName(work, run);
  const job = await client.find(jobs, name, settings.namespace);
  const active = (job?.status?.active ?? 0) > 0;
  if (active) return 2000; // the runner is on its way out
  if (work === "restore") await takeBack(client, settings, run, name);
  await client.remove(secrets, name, settings.namespace);
  await cleanUpRun(client, kubeMovers({ client, image: settings.image, pullPolicy: settings.pullPolicy }), run);
  if (job) await client.patch(jobs, name, settings.namespace, { spec: { ttlSecondsAfterFinished: 24 * 3600 } });
  await client.patch(kindResource(object.kind), object.metadata.name, object.metadata.namespace, {
    metadata: {
      annotations: { "holdfast.dev/tidied": "true" },
      ...(work === "restore" ? { finalizers: without(object, runFinalizer) } : {}),
    },
  });
  const fresh = await client.find(kindResource(object.kind), object.metadata.name, object.metadata.namespace);
  const ok = fresh?.status?.status === "Available";
  if (fresh) {
    const message = fresh.status?.message || `took ${fresh.status?.duration ?? "?"}`;
    await deps.events.record(fresh, {
      type: ok ? "Normal" : "Warning",
      reason: fresh.status?.status ?? "Ended",
      message,
    });
  }
  return undefined;
}

/** A Restore that is deleted while it runs is stopped; what it has restored stays. */
async function endRestore(deps: Deps, object: KubeObject): Promise<Next> {
  const { client, settings } = deps;
  const run = runIdOf(object);
  const name = runnerName("restore", run);
  await client.remove(jobs, name, settings.namespace, { propagation: "Background" });
  await takeBack(client, settings, run, name);
  await cleanUpRun(client, kubeMovers({ client, image: settings.image, pullPolicy: settings.pullPolicy }), run);
  if (!object.metadata.finalizers?.includes(runFinalizer)) return undefined;
  await client.patch(kindResource(object.kind), object.metadata.name, object.metadata.namespace, {
    metadata: { finalizers: without(object, runFinalizer) },
  });
  return undefined;
}

function without(object: KubeObject, finalizer: string): string[] | null {
  const rest = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  return rest.length > 0 ? rest : null;
}
