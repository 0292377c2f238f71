import { kindResource } from "../../api/resources.ts";
import { Fault } from "../../base/fault.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { systemNamespace } from "../../movers/contract.ts";

/** What a Backup or Restore names, followed. Faults say which name leads nowhere. */

export interface TargetRef {
  readonly name: string;
  readonly namespace: string;
}

/** The plan that a Backup or ClusterBackup names. */
export function planOf({ kind, metadata, spec }: KubeObject): { kind: string; name: string; namespace?: string } {
  if (kind === "ClusterBackup") return { kind: "ClusterBackupPlan", name: spec.clusterBackupPlan.name };
  const { name, namespace = metadata.namespace } = spec.backupPlan;
  return { kind: "BackupPlan", name, namespace };
}

/** The target of a Backup or ClusterBackup, through its plan. */
export async function targetOf(client: KubeClient, backup: KubeObject): Promise<TargetRef> {
  const ref = planOf(backup);
  const plan = await client.find(kindResource(ref.kind), ref.name, ref.namespace);
  if (!plan)
    throw new Fault("NOT_FOUND", `${ref.kind} ${ref.name} does not exist`, {
      hint: `kubectl get ${ref.kind.toLowerCase()}s`,
    });
  const target = plan.spec.backupConfig.target;
  const home = target.namespace ?? plan.metadata.namespace;
  if (!home) throw new Fault("INVALID", `${ref.kind} ${ref.name}: spec.backupConfig.target.namespace is missing`);
  if (ref.kind === "BackupPlan" && home !== plan.metadata.namespace && home !== systemNamespace) {
    throw new Fault("FORBIDDEN", `BackupPlan ${ref.name} names a Target of namespace ${home}`, {
      hint: `a namespaced plan may use a Target of its own namespace or of ${systemNamespace}`,
    });
  }
  return { name: target.name, namespace: home };
}

/** What a restore writes into; undefined where its point alone says it. */
export function namespacesOf(restore: KubeObject): readonly string[] | undefined {
  if (restore.kind === "Restore") return [restore.metadata.namespace ?? ""];
  const components: KubeObject["spec"][] = restore.spec.components ?? [];
  if (components.length === 0) return undefined;
  return [...new Set(components.map((one) => String(one.restoreNamespace ?? one.sourceNamespace)))];
}

export interface PointRef {
  readonly target: TargetRef;
  readonly cluster: string;
  readonly plan: string;
  readonly id: string;
  readonly location: string;
  readonly namespaces: readonly string[];
}

/** The recovery point of a Restore or ClusterRestore: of the backup that it names, or by target and location. */
export async function sourceOf(client: KubeClient, restore: KubeObject): Promise<PointRef> {
  const { source } = restore.spec;
  if (source.location) return { ...locate(source), namespaces: await heldAt(client, restore) };
  const cluster = source.clusterBackup !== undefined;
  const ref = source.clusterBackup ?? source.backup;
  const kind = cluster ? "ClusterBackup" : "Backup";
  const namespace = cluster ? undefined : (ref.namespace ?? restore.metadata.namespace);
  const backup = await client.find(kindResource(kind), ref.name, namespace);
  if (!backup) {
    throw new Fault("NOT_FOUND", `${kind} ${ref.name} does not exist`, { hint: "kubectl holdfast points" });
  }
  if (backup.metadata.deletionTimestamp)
    throw new Fault("INVALID", `${kind} ${ref.name} is being deleted, and its recovery point with it`);
  if (backup.status?.status !== "Available" || !backup.status?.point) {
    const failed = ["Failed", "Canceled"].includes(backup.status?.status);
    throw new Fault(
      failed ? "INVALID" : "UNAVAILABLE",
      `${kind} ${ref.name} is ${backup.status?.status ?? "not started"}, it has no recovery point`,
      {
        retry: failed ? "never" : "soon",
      },
    );
  }
  // As the point says: its plan may have been changed since, or be gone.
  return { ...backup.status.point, namespaces: backup.status.point.namespaces ?? [] };
}

function locate(source: KubeObject["spec"]): Omit<PointRef, "namespaces"> {
  const [, cluster, plan, id] = /^points\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(source.location) ?? [];
  if (!cluster || !plan || !id || !source.target) {
    throw new Fault("INVALID", `spec.source.location is "${source.location}"`, {
      hint: 'write "points/<cluster>/<plan>/<point>" and name spec.source.target',
    });
  }
  return { target: source.target, cluster, plan, id, location: source.location };
}

/** The namespaces of a point that is named by its path: known from the Backup that shows it here. */
async function heldAt(client: KubeClient, restore: KubeObject): Promise<readonly string[]> {
  const { location } = restore.spec.source;
  if (namespacesOf(restore)) return []; // it says itself which
  for (const kind of ["ClusterBackup", "Backup"]) {
    for await (const { object } of client.list(kindResource(kind))) {
      if (object.status?.point?.location === location) return object.status.point.namespaces ?? [];
    }
  }
  throw new Fault("INVALID", `no Backup here shows ${location}, so its namespaces are not known`, {
    hint: "set spec.components",
  });
}
