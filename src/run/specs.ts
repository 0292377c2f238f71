import { Fault } from "../base/fault.ts";
import type { BackupScope } from "../flow/backup-scope.ts";
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

/** A BackupPlan or ClusterBackupPlan -> what it protects. */
export function scopeOf(plan: KubeObject): BackupScope {
  const spec = plan.spec ?? {};
  const filtersOf = (one: KubeObject["spec"]) => {
    const include = one.includeResources ?? spec.includeResources;
    const exclude = one.excludeResources ?? spec.excludeResources;
    return { ...(include ? { include } : {}), ...(exclude ? { exclude } : {}) };
  };
  const { keepRelated, volumePolicies } = spec;
  const common = { ...(keepRelated ? { keepRelated } : {}), ...(volumePolicies ? { volumePolicies } : {}) };
  if (plan.kind !== "ClusterBackupPlan")
    return { namespaces: [{ name: plan.metadata.namespace ?? "", ...filtersOf({}) }], ...common };
  const { backupComponents = [], namespaceSelector = [], excludeNamespaces = [] } = spec;
  if (backupComponents.length + namespaceSelector.length === 0) {
    throw new Fault("INVALID", `${plan.kind} ${plan.metadata.name} names no namespace`, {
      hint: "set spec.backupComponents or spec.namespaceSelector",
    });
  }
  return {
    namespaces: backupComponents.map((one: KubeObject["spec"]) => ({ name: one.namespace, ...filtersOf(one) })),
    namespaceSelectors: namespaceSelector.map(
      ({ includeResources: _in, excludeResources: _out, ...chooses }: KubeObject["spec"], at: number) => ({
        ...chooses,
        ...filtersOf(namespaceSelector[at]),
      }),
    ),
    excludeNamespaces,
    clusterResources: { include: spec.includeClusterResources, exclude: spec.excludeClusterResources },
    ...common,
  };
}

/** A Backup or ClusterBackup with its plan -> the run. */
export function backupRunOf(backup: KubeObject, plan: KubeObject, run: string, clusterName: string): BackupRun {
  return {
    run,
    plan: nameOf(plan),
    backup: nameOf(backup),
    type: backup.spec?.type ?? "Full",
    clusterName,
    ...scopeOf(plan),
  };
}

/** A Restore or ClusterRestore with the point that it names -> the options. */
export function restoreOptionsOf(
  restore: KubeObject,
  point: RecoveryPoint,
  sets: TransformSets = new Map(),
): RestoreOptions {
  const spec = restore.spec ?? {};
  const componentOf = (component: KubeObject["spec"]) =>
    oneComponent(component, transformsOf(restore, component, sets));
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
  const shared = spec.includeClusterResources === true ? { includeClusterResources: true } : {};
  if (components.length > 0) return { components, ...shared };
  return {
    ...shared,
    components: point.namespaces.map((one) =>
      componentOf({ sourceNamespace: one.name, restoreConfig: spec.globalConfig ?? {} }),
    ),
  };
}

/** By "<namespace>/<name>". */
export type TransformSets = ReadonlyMap<string, KubeObject>;

/** The TransformSets that a restore names. A Restore may name those of its own namespace only. */
export function transformSetsOf({ kind, metadata, spec = {} }: KubeObject): readonly string[] {
  const configs: KubeObject["spec"][] =
    kind === "Restore"
      ? [spec]
      : [spec.globalConfig ?? {}, ...(spec.components ?? []).map((one: KubeObject["spec"]) => one.restoreConfig ?? {})];
  const home = kind === "Restore" ? metadata.namespace : undefined;
  const keys = configs.flatMap((config) => (config.transformSets ?? []).map((one: ResourceName) => setKey(one, home)));
  return [...new Set<string>(keys)];
}

function setKey({ name, namespace }: { name: string; namespace?: string }, home: string | undefined): string {
  return `${home ?? namespace}/${name}`;
}

/** Those of the sets, in their order, then the restore's own. */
function transformsOf(restore: KubeObject, component: KubeObject["spec"], sets: TransformSets): Transform[] {
  const config = component.restoreConfig ?? {};
  const home = restore.kind === "Restore" ? restore.metadata.namespace : undefined;
  const shared = (config.transformSets ?? []).flatMap((ref: ResourceName) => {
    const key = setKey(ref, home);
    const set = sets.get(key);
    if (!set) throw new Fault("NOT_FOUND", `TransformSet ${key} was not read`);
    return (set.spec?.transforms ?? []).map(({ name, ...rest }: KubeObject["spec"]) => ({
      transformName: `${ref.name}/${name}`,
      ...rest,
    }));
  });
  return [...shared, ...(config.transformComponents?.custom ?? [])].map(transformOf);
}

function oneComponent(
  component: KubeObject["spec"],
  transforms: readonly Transform[],
): RestoreOptions["components"][number] {
  const config = component.restoreConfig ?? {};
  return {
    sourceNamespace: component.sourceNamespace,
    restoreNamespace: component.restoreNamespace ?? component.sourceNamespace,
    flags: config.restoreFlags ?? {},
    include: config.resourceSelector,
    exclude: config.excludeResourceSelector,
    transforms,
    storageClassMap: config.storageClassMap ?? {},
    readyWaitSeconds: config.resourcesReadyWaitSeconds,
    onConflict: config.onConflict,
    onVolumeConflict: config.onVolumeConflict,
    imageRegistryMap: config.imageRegistryMap,
    hostMap: config.hostMap,
    namePrefix: config.namePrefix,
    resume: config.resume,
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
