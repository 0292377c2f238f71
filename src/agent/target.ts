import { apiVersion, kindResource } from "../api/resources.ts";
import { dnsLabel, stableId } from "../base/ids.ts";
import { Fault, toFault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { KubeClient } from "../kube/contract.ts";
import { namespaces } from "../kube/well-known.ts";
import type { RunOrder } from "../run/order.ts";
import { pointStatus } from "../run/point-status.ts";
import { isKitPrinted } from "../run/recovery-kit.ts";
import { isFinished } from "../run/specs.ts";
import { planPath } from "../store/layout.ts";
import type { TargetStore } from "../store/contract.ts";
import { log } from "./status.ts";

/** Label on Backup objects that were made from a target: the point is owned by the cluster that wrote it. */
export const fromTargetLabel = "holdfast.dev/from-target";

/**
 * Opens the target (making it at first use) and makes a Backup or ClusterBackup for every recovery point on it that has
 * none: they are views of points, so any cluster with the target and its key can list and restore them.
 */
export async function syncTarget(
  client: KubeClient,
  target: TargetStore,
  order: RunOrder,
  subject: KubeObject,
): Promise<void> {
  let count = 0;
  for await (const point of target.points()) {
    count++;
    await showPoint(client, target, point, order.target);
  }
  await client.patch(
    kindResource("Target"),
    subject.metadata.name,
    subject.metadata.namespace,
    {
      status: {
        status: "Available",
        id: target.id,
        points: count,
        recoveryKitPrinted: await isKitPrinted(target),
        message: "",
        observedGeneration: subject.metadata.generation ?? 0,
        lastSyncTimestamp: new Date().toISOString(),
      },
    },
    { subresource: "status" },
  );
  log("info", `target ${subject.metadata.name} holds ${count} recovery points`);
}

async function showPoint(
  client: KubeClient,
  store: TargetStore,
  point: RecoveryPoint,
  target: RunOrder["target"],
): Promise<void> {
  const resource = kindResource(point.backup.kind);
  const namespace = point.backup.namespace;
  if (namespace && !(await client.find(namespaces, namespace))) return;
  const existing = await client.find(resource, point.backup.name, namespace);
  if (existing?.status?.point?.id === point.id) return;
  const show = (name: string) =>
    client.patch(resource, name, namespace, { status: pointStatus(point, target) }, { subresource: "status" });
  if (existing && !existing.status?.point && existing.metadata.uid === point.backup.uid) {
    // Its own run is about to say so; where it died before it could, the sealed point is what counts.
    if (isFinished(existing) && !existing.metadata.deletionTimestamp) await show(existing.metadata.name);
    return;
  }
  if (await isGone(store, point)) return;
  const name = existing ? dnsLabel(`${point.backup.name}-${stableId(6, point.id)}`) : point.backup.name;
  const again = existing ? await client.find(resource, name, namespace) : undefined;
  const created = again ?? (await create(client, point, name, namespace));
  if (created.status?.point) return;
  await show(name);
}

/** Removed since it was listed, and perhaps its object too: it must not be shown again. */
async function isGone(store: TargetStore, point: RecoveryPoint): Promise<boolean> {
  const read = store.readPoint(point.cluster.uid, planPath(point.plan), point.id);
  return read.then(
    () => false,
    (error: unknown) => toFault(error).code === "NOT_FOUND",
  );
}

async function create(
  client: KubeClient,
  point: RecoveryPoint,
  name: string,
  namespace: string | undefined,
): Promise<KubeObject> {
  const plan = point.plan.namespace
    ? { name: point.plan.name, namespace: point.plan.namespace }
    : { name: point.plan.name };
  const object: KubeObject = {
    apiVersion,
    kind: point.backup.kind,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      labels: { [fromTargetLabel]: point.cluster.uid },
    },
    spec: {
      type: point.type,
      ...(point.backup.kind === "ClusterBackup" ? { clusterBackupPlan: plan } : { backupPlan: plan }),
    },
  };
  try {
    return await client.create(kindResource(point.backup.kind), object);
  } catch (error) {
    if (error instanceof Fault && error.code === "CONFLICT")
      return client.get(kindResource(point.backup.kind), name, namespace);
    throw error;
  }
}
