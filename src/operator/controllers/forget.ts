import { kindResource } from "../../api/index.ts";
import { Fault, toFault } from "../../base/fault.ts";
import { cleanUpRun } from "../../capture/index.ts";
import type { ApiResource, KubeObject } from "../../flow/object.ts";
import { jobs, secrets } from "../../kube/well-known.ts";
import { kubeMovers } from "../../movers/run.ts";
import { planPath } from "../../store/layout.ts";
import { runnerJob, runnerName, runnerSecret } from "../runner.ts";
import { resolveTarget } from "../../run/target-access.ts";
import { type Deps, type Next, runIdOf } from "./deps.ts";

/** Holds a Backup until its recovery point is gone from the target. */
export const pointFinalizer = "holdfast.dev/recovery-point";

/**
 * Deleting a Backup: a run in progress is stopped and cleaned up, its recovery point is removed by a runner Job while the
 * status says Deleting, then the object goes. A target that is gone for good is let go with the annotation
 * holdfast.dev/abandon-point=true.
 */
export async function forget(deps: Deps, resource: ApiResource, object: KubeObject): Promise<Next> {
  const { client, settings } = deps;
  if (!object.metadata.finalizers?.includes(pointFinalizer)) return undefined;
  const run = runIdOf(object);
  const backupJob = runnerName("backup", run);
  if (await client.find(jobs, backupJob, settings.namespace)) {
    await client.remove(jobs, backupJob, settings.namespace, { propagation: "Foreground" });
    return 1000;
  }
  const movers = kubeMovers({ client, image: settings.image, pullPolicy: settings.pullPolicy });
  await client.remove(secrets, backupJob, settings.namespace);
  await cleanUpRun(client, movers, run);

  const point = object.status?.point;
  if (!point || object.metadata.annotations?.["holdfast.dev/abandon-point"] === "true")
    return release(deps, resource, object);
  const name = runnerName("forget", run);
  const job = await client.find(jobs, name, settings.namespace);
  const ended = (type: string) =>
    (job?.status?.conditions ?? []).some(
      (one: { type: string; status: string }) => one.type === type && one.status === "True",
    );
  if (ended("Complete")) {
    await client.remove(jobs, name, settings.namespace, { propagation: "Background" });
    return release(deps, resource, object);
  }
  if (ended("Failed")) {
    await tell(
      deps,
      resource,
      object,
      `the recovery point could not be removed; log: kubectl logs -n ${settings.namespace} job/${name}; it is tried again in 5 minutes`,
    );
    await client.remove(jobs, name, settings.namespace, { propagation: "Background" });
    return 300_000;
  }
  if (job) return 2000;
  const busy = await runningBackup(deps, resource, point.plan);
  if (busy) {
    await tell(
      deps,
      resource,
      object,
      `waits for ${busy}: a point that is being written may name snapshots of this one`,
    );
    return 5000;
  }
  try {
    await startForget(deps, object, run);
    await tell(deps, resource, object, `removing recovery point ${point.id} from target ${point.target.name}`);
    return 2000;
  } catch (error) {
    const fault = toFault(error);
    const hint =
      fault.code === "NOT_FOUND"
        ? `; if the target is gone for good: kubectl annotate ${object.kind.toLowerCase()} ${object.metadata.name} holdfast.dev/abandon-point=true`
        : "";
    await tell(deps, resource, object, `${fault.message}${hint}`);
    return 30_000;
  }
}

/** A backup of the same plan that is running, by name. */
async function runningBackup(deps: Deps, resource: ApiResource, plan: string): Promise<string | undefined> {
  for await (const { object: other } of deps.client.list(resource, {})) {
    if (other.status?.status !== "InProgress" || !other.spec) continue;
    const ref = other.spec.clusterBackupPlan ?? other.spec.backupPlan;
    const namespace = other.spec.backupPlan ? (ref.namespace ?? other.metadata.namespace) : undefined;
    const kind = other.spec.clusterBackupPlan ? "ClusterBackupPlan" : "BackupPlan";
    if (planPath({ kind, name: ref.name, ...(namespace ? { namespace } : {}) }) === plan)
      return `${other.kind} ${other.metadata.name}`;
  }
  return undefined;
}

async function startForget(deps: Deps, object: KubeObject, run: string): Promise<void> {
  const { client, settings } = deps;
  const target = await resolveTarget(client, object.status?.point.target, settings.namespace);
  const spec = {
    order: {
      run,
      work: "forget",
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
    serviceAccount: "holdfast-runner",
    owner: { kind: object.kind, name: object.metadata.name, uid: object.metadata.uid ?? "" },
  } as const;
  const job = await client.create(jobs, runnerJob(settings, spec));
  await client.apply(secrets, runnerSecret(settings, spec, job));
}

async function tell(deps: Deps, resource: ApiResource, object: KubeObject, message: string): Promise<void> {
  if (object.status?.status === "Deleting" && object.status?.message === message) return;
  await deps.client.patch(
    resource,
    object.metadata.name,
    object.metadata.namespace,
    { status: { status: "Deleting", message } },
    { subresource: "status" },
  );
}

async function release(deps: Deps, _resource: ApiResource, object: KubeObject): Promise<Next> {
  const rest = (object.metadata.finalizers ?? []).filter((one) => one !== pointFinalizer);
  try {
    await deps.client.patch(kindResource(object.kind), object.metadata.name, object.metadata.namespace, {
      metadata: { finalizers: rest.length > 0 ? rest : null, resourceVersion: object.metadata.resourceVersion },
    });
  } catch (error) {
    if (error instanceof Fault && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
  return undefined;
}
