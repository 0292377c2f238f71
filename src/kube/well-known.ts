import type { ApiResource } from "../flow/object.ts";

/** Resources whose paths Holdfast itself relies on. Everything else comes from discovery. */
function resource(group: string, version: string, kind: string, plural: string, namespaced: boolean): ApiResource {
  return { group, version, kind, plural, namespaced, verbs: [] };
}

export const namespaces = resource("", "v1", "Namespace", "namespaces", false);
export const pods = resource("", "v1", "Pod", "pods", true);
export const secrets = resource("", "v1", "Secret", "secrets", true);
export const configMaps = resource("", "v1", "ConfigMap", "configmaps", true);
export const services = resource("", "v1", "Service", "services", true);
export const serviceAccounts = resource("", "v1", "ServiceAccount", "serviceaccounts", true);
export const claims = resource("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true);
export const volumes = resource("", "v1", "PersistentVolume", "persistentvolumes", false);
export const nodes = resource("", "v1", "Node", "nodes", false);
export const jobs = resource("batch", "v1", "Job", "jobs", true);
export const deployments = resource("apps", "v1", "Deployment", "deployments", true);
export const events = resource("", "v1", "Event", "events", true);
export const leases = resource("coordination.k8s.io", "v1", "Lease", "leases", true);
export const roleBindings = resource("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true);
export const clusterRoleBindings = resource(
  "rbac.authorization.k8s.io",
  "v1",
  "ClusterRoleBinding",
  "clusterrolebindings",
  false,
);
export const storageClasses = resource("storage.k8s.io", "v1", "StorageClass", "storageclasses", false);
export const crds = resource(
  "apiextensions.k8s.io",
  "v1",
  "CustomResourceDefinition",
  "customresourcedefinitions",
  false,
);
export const snapshots = resource("snapshot.storage.k8s.io", "v1", "VolumeSnapshot", "volumesnapshots", true);
export const snapshotContents = resource(
  "snapshot.storage.k8s.io",
  "v1",
  "VolumeSnapshotContent",
  "volumesnapshotcontents",
  false,
);
export const snapshotClasses = resource(
  "snapshot.storage.k8s.io",
  "v1",
  "VolumeSnapshotClass",
  "volumesnapshotclasses",
  false,
);
export const bucketClaims = resource("objectbucket.io", "v1alpha1", "ObjectBucketClaim", "objectbucketclaims", true);
