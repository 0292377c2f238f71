import { Fault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { RecoveryPoint, ResourceName } from "../flow/recovery-point.ts";
import type { RestoreOptions, Transform } from "../plan/restore.ts";
import type { BackupRun } from "./backup.ts";

/** Resources of Holdfast -> what a run takes. Pure. */

export function nameOf(object: KubeObject): ResourceName {
  const { name, namespace, uid = "" } = object.metadata;
  return { kind: object.kind, ...(namespace ? { namespace } : {}), name, uid };
}

const finished = new Set(["Available", "Failed", "Canceled"]);

/** The run of a Backup or Restore is over, well or not. */
export function isFinished({ status }: KubeObject): boolean {
  return finished.has(status?.status);
}

/** A Backup or ClusterBackup with its plan -> the run. */
export function backupRunOf(backup: KubeObject, plan: KubeObject, run: string, clusterName: string): BackupRun {
  const spec = plan.spec ?? {};
  const namespaces =
    plan.kind === "ClusterBackupPlan"
      ? (spec.backupComponents ?? []).map((one: KubeObject["spec"]) => ({
          name: one.namespace,
          include: one.includeResources ?? spec.includeResources,
          exclude: one.excludeResources ?? spec.excludeResources,
        }))
      : [{ name: plan.metadata.namespace ?? "", include: spec.includeResources, exclude: spec.excludeResources }];
  if (namespaces.length === 0) {
    throw new Fault("INVALID", `${plan.kind} ${plan.metadata.name} names no namespace`, {
      hint: "set spec.backupComponents",
    });
  }
  return {
    run,
    plan: nameOf(plan),
    backup: nameOf(backup),
    type: backup.spec?.type ?? "Full",
    namespaces,
    clusterName,
  };
}

/** A Restore or ClusterRestore with the point that it names -> the options. */
export function restoreOptionsOf(restore: KubeObject, point: RecoveryPoint): RestoreOptions {
  const spec = restore.spec ?? {};
  const components =
    restore.kind === "Restore"
      ? [
          componentOf({
            ...spec,
            sourceNamespace: onlyNamespace(point),
            restoreNamespace: restore.metadata.namespace,
            restoreConfig: spec,
          }),
        ]
      : (spec.components ?? []).map(componentOf);
  if (components.length > 0) return { components };
  return {
    components: point.namespaces.map((one) =>
      componentOf({ sourceNamespace: one.name, restoreConfig: spec.globalConfig ?? {} }),
    ),
  };
}

function componentOf(component: KubeObject["spec"]): RestoreOptions["components"][number] {
  const config = component.restoreConfig ?? {};
  return {
    sourceNamespace: component.sourceNamespace,
    restoreNamespace: component.restoreNamespace ?? component.sourceNamespace,
    flags: config.restoreFlags ?? {},
    include: config.resourceSelector,
    exclude: config.excludeResourceSelector,
    transforms: (config.transformComponents?.custom ?? []).map(transformOf),
    storageClassMap: config.storageClassMap ?? {},
    readyWaitSeconds: config.resourcesReadyWaitSeconds,
  };
}

/** `resources: {groupVersionKind, objects}`, the usual short form of one kind, says the same as a gvkSelector of one. */
function transformOf(transform: KubeObject["spec"]): Transform {
  const { groupVersionKind, objects, ...resources } = transform.resources ?? {};
  if (!groupVersionKind) return transform;
  const short = { groupVersionKind, ...(objects ? { objects } : {}) };
  return { ...transform, resources: { ...resources, gvkSelector: [...(resources.gvkSelector ?? []), short] } };
}

function onlyNamespace(point: RecoveryPoint): string {
  const [first, ...others] = point.namespaces;
  if (first && others.length === 0) return first.name;
  throw new Fault("INVALID", `recovery point ${point.id} holds ${point.namespaces.length} namespaces`, {
    hint: "a Restore brings back one namespace: make a ClusterRestore",
  });
}
