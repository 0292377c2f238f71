/** The names of Holdfast's resources, as URLs and discovery have them. Without schemas, so that it costs nothing to import. */
import { Fault } from "../base/fault.ts";
import type { ApiResource } from "../flow/object.ts";

export const group = "holdfast.dev";
export const version = "v1alpha1";
export const apiVersion = `${group}/${version}`;

const verbs = ["create", "delete", "get", "list", "patch", "update", "watch"];

function resource(kind: string, plural: string, namespaced: boolean): ApiResource {
  return { group, version, kind, plural, namespaced, verbs };
}

export const targets = resource("Target", "targets", true);
export const backupPlans = resource("BackupPlan", "backupplans", true);
export const clusterBackupPlans = resource("ClusterBackupPlan", "clusterbackupplans", false);
export const backups = resource("Backup", "backups", true);
export const clusterBackups = resource("ClusterBackup", "clusterbackups", false);
export const restores = resource("Restore", "restores", true);
export const clusterRestores = resource("ClusterRestore", "clusterrestores", false);
export const transformSets = resource("TransformSet", "transformsets", true);

export const allResources = [
  targets,
  backupPlans,
  clusterBackupPlans,
  backups,
  clusterBackups,
  restores,
  clusterRestores,
  transformSets,
] as const;

/** The resource of one of Holdfast's kinds. */
export function kindResource(kind: string): ApiResource {
  const found = allResources.find((one) => one.kind === kind);
  if (!found)
    throw new Fault(
      "USAGE",
      `"${kind}" is none of Holdfast's kinds: ${allResources.map((one) => one.kind).join(", ")}`,
    );
  return found;
}
