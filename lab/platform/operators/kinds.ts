export const modelRegistryKind = { apiVersion: "modelregistry.opendatahub.io/v1beta1", kind: "ModelRegistry" } as const;
export const dataScienceClusterKind = {
  apiVersion: "datasciencecluster.opendatahub.io/v1",
  kind: "DataScienceCluster",
} as const;
export const deploymentKind = { apiVersion: "apps/v1", kind: "Deployment" } as const;
export const serviceKind = { apiVersion: "v1", kind: "Service" } as const;
export const serviceAccountKind = { apiVersion: "v1", kind: "ServiceAccount" } as const;
export const networkPolicyKind = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" } as const;
export const namespaceKind = { apiVersion: "v1", kind: "Namespace" } as const;
export const secretKind = { apiVersion: "v1", kind: "Secret" } as const;
export const claimKind = { apiVersion: "v1", kind: "PersistentVolumeClaim" } as const;
export const podKind = { apiVersion: "v1", kind: "Pod" } as const;
export const configMapKind = { apiVersion: "v1", kind: "ConfigMap" } as const;
export const roleKind = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role" } as const;
export const roleBindingKind = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding" } as const;
export const pipelineServerKind = {
  apiVersion: "datasciencepipelinesapplications.opendatahub.io/v1",
  kind: "DataSciencePipelinesApplication",
} as const;
