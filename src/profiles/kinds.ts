/** Kinds that profiles and plans speak of, by group. */
import type { KubeObject } from "../flow/object.ts";
import type { GroupKind } from "./profile.ts";

const core = (kind: string): GroupKind => ({ group: "", kind });
const apps = (kind: string): GroupKind => ({ group: "apps", kind });

export const kinds = {
  namespace: core("Namespace"),
  pod: core("Pod"),
  service: core("Service"),
  secret: core("Secret"),
  configMap: core("ConfigMap"),
  serviceAccount: core("ServiceAccount"),
  claim: core("PersistentVolumeClaim"),
  volume: core("PersistentVolume"),
  endpoints: core("Endpoints"),
  deployment: apps("Deployment"),
  statefulSet: apps("StatefulSet"),
  daemonSet: apps("DaemonSet"),
  replicaSet: apps("ReplicaSet"),
  controllerRevision: apps("ControllerRevision"),
  job: { group: "batch", kind: "Job" },
  cronJob: { group: "batch", kind: "CronJob" },
  role: { group: "rbac.authorization.k8s.io", kind: "Role" },
  roleBinding: { group: "rbac.authorization.k8s.io", kind: "RoleBinding" },
  clusterRole: { group: "rbac.authorization.k8s.io", kind: "ClusterRole" },
  clusterRoleBinding: { group: "rbac.authorization.k8s.io", kind: "ClusterRoleBinding" },
  notebook: { group: "kubeflow.org", kind: "Notebook" },
  inferenceService: { group: "serving.kserve.io", kind: "InferenceService" },
  servingRuntime: { group: "serving.kserve.io", kind: "ServingRuntime" },
  clusterServingRuntime: { group: "serving.kserve.io", kind: "ClusterServingRuntime" },
  modelRegistry: { group: "modelregistry.opendatahub.io", kind: "ModelRegistry" },
  bucketClaim: { group: "objectbucket.io", kind: "ObjectBucketClaim" },
  bucketObject: { group: "objectbucket.io", kind: "ObjectBucket" },
  storageClass: { group: "storage.k8s.io", kind: "StorageClass" },
  hardwareProfile: { group: "infrastructure.opendatahub.io", kind: "HardwareProfile" },
  imageStream: { group: "image.openshift.io", kind: "ImageStream" },
  mlflow: { group: "mlflow.opendatahub.io", kind: "MLflow" },
} as const;

/** Is `object` of this kind, in any version? */
export function isKind(object: KubeObject, of: GroupKind): boolean {
  if (object.kind !== of.kind) return false;
  return of.group === "" ? !object.apiVersion.includes("/") : object.apiVersion.startsWith(`${of.group}/`);
}
