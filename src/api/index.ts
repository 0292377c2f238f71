/** Holdfast's custom resources. The schemas are the source of types, CRDs, samples and the reference. */
export { customResourceDefinition, customResourceDefinitions } from "./generate/crd.ts";
export { type KindName, kinds } from "./kinds.ts";
export {
  type Backup,
  type BackupPlan,
  type ClusterBackup,
  type ClusterBackupPlan,
  type ClusterRestore,
  type HoldfastObject,
  parseBackup,
  parseBackupPlan,
  parseClusterBackup,
  parseClusterBackupPlan,
  parseClusterRestore,
  parseRestore,
  parseTarget,
  type Restore,
  type Target,
} from "./parse.ts";
export {
  allResources,
  apiVersion,
  backupPlans,
  backups,
  clusterBackupPlans,
  clusterBackups,
  clusterRestores,
  group,
  kindResource,
  restores,
  targets,
  version,
} from "./resources.ts";
