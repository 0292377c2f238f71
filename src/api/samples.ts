/** One manifest for each kind (and each kind of place), ready to be changed. They are tested: the API server takes them all. */
import type { KubeObject } from "../flow/object.ts";
import { apiVersion } from "./resources.ts";

export interface Sample {
  /** File name without its ending. */
  readonly file: string;
  readonly title: string;
  readonly object: KubeObject;
}

function sample(file: string, title: string, kind: string, metadata: KubeObject["metadata"], spec: object): Sample {
  return { file, title, object: { apiVersion, kind, metadata, spec } };
}

const system = "holdfast-system";
const selectPlatformParts = {
  gvkSelector: [
    { groupVersionKind: { kind: "PersistentVolumeClaim", version: "v1" }, objects: ["model-catalog-postgres"] },
    {
      groupVersionKind: { group: "apps", kind: "Deployment", version: "v1" },
      objects: ["model-catalog", "model-catalog-postgres"],
    },
  ],
};

export const samples: readonly Sample[] = [
  sample(
    "target-s3",
    "An S3 bucket. The Secret has the keys accessKey and secretKey.",
    "Target",
    { name: "vault", namespace: system },
    {
      type: "ObjectStore",
      objectStoreCredentials: {
        url: "https://s3.example.com",
        bucketName: "holdfast",
        region: "us-east-1",
        prefix: "production",
        credentialSecret: { name: "vault-credentials", namespace: system },
      },
    },
  ),
  sample(
    "target-nfs",
    "An NFS export.",
    "Target",
    { name: "filer", namespace: system },
    {
      type: "NFS",
      nfsCredentials: { nfsExport: "filer.example.com:/exports/holdfast" },
    },
  ),
  sample(
    "target-claim",
    "A volume of the cluster itself: for tests, or where the volume is replicated.",
    "Target",
    { name: "volume", namespace: system },
    {
      type: "PersistentVolumeClaim",
      persistentVolumeClaim: { claimName: "holdfast-target" },
    },
  ),
  sample(
    "target-directory",
    "A directory of the node, for a cluster of one node.",
    "Target",
    { name: "disk", namespace: system },
    {
      type: "Directory",
      directory: { path: "/srv/holdfast" },
    },
  ),
  sample(
    "backupplan",
    "One namespace, without the objects of finished workflows.",
    "BackupPlan",
    { name: "team-a-plan", namespace: "team-a" },
    {
      backupConfig: { target: { name: "vault", namespace: system } },
      excludeResources: {
        gvkSelector: [{ groupVersionKind: { group: "argoproj.io", kind: "Workflow", version: "v1alpha1" } }],
      },
    },
  ),
  sample(
    "clusterbackupplan",
    "Two namespaces that belong together, captured at one moment.",
    "ClusterBackupPlan",
    { name: "rhoai-demo-plan" },
    {
      backupConfig: { target: { name: "vault", namespace: system } },
      backupComponents: [
        { namespace: "rhoai-demo" },
        { namespace: "rhoai-model-registries", excludeResources: selectPlatformParts },
      ],
    },
  ),
  sample(
    "clusterbackupplan-by-label",
    "All namespaces of a team, also those that it makes later: what carries a label with what it leans on, and big scratch volumes without their content.",
    "ClusterBackupPlan",
    { name: "team-a-everything" },
    {
      backupConfig: { target: { name: "vault", namespace: system } },
      namespaceSelector: [{ names: ["team-a-*"], matchLabels: { backup: "daily" } }],
      excludeNamespaces: ["*-scratch"],
      includeResources: {
        labelSelector: [{ matchExpressions: [{ key: "app.kubernetes.io/part-of", operator: "Exists" }] }],
      },
      keepRelated: true,
      includeClusterResources: {
        allOf: [
          { gvkSelector: [{ groupVersionKind: { group: "scheduling.k8s.io", kind: "PriorityClass" } }] },
          { labelSelector: [{ matchLabels: { team: "a" } }] },
        ],
      },
      volumePolicies: [
        { conditions: { storageClass: ["scratch"], capacity: { min: "500Gi" } }, action: { type: "skip" } },
        { conditions: { volumeTypes: ["nfs", "emptyDir"] }, action: { type: "live" } },
      ],
    },
  ),
  sample(
    "backup",
    "Runs a BackupPlan.",
    "Backup",
    { name: "team-a-monday", namespace: "team-a" },
    {
      backupPlan: { name: "team-a-plan" },
      type: "Incremental",
    },
  ),
  sample(
    "clusterbackup",
    "Runs a ClusterBackupPlan.",
    "ClusterBackup",
    { name: "rhoai-demo-backup-baseline" },
    {
      clusterBackupPlan: { name: "rhoai-demo-plan" },
      type: "Full",
    },
  ),
  sample(
    "restore",
    "Brings a Backup back into its namespace, and leaves alone what is there.",
    "Restore",
    { name: "team-a-back", namespace: "team-a" },
    {
      source: { type: "Backup", backup: { name: "team-a-monday" } },
      restoreFlags: { skipIfAlreadyExists: true },
      resourcesReadyWaitSeconds: 600,
    },
  ),
  sample(
    "clusterrestore",
    "Brings both namespaces back, without the parts that the platform owns.",
    "ClusterRestore",
    { name: "rhoai-restore-pit" },
    {
      source: { type: "ClusterBackup", clusterBackup: { name: "rhoai-demo-backup-baseline" } },
      components: [
        {
          sourceNamespace: "rhoai-demo",
          restoreNamespace: "rhoai-demo",
          restoreConfig: { restoreFlags: { skipIfAlreadyExists: true, useOCPNamespaceUIDRange: true } },
        },
        {
          sourceNamespace: "rhoai-model-registries",
          restoreNamespace: "rhoai-model-registries",
          restoreConfig: {
            restoreFlags: { skipIfAlreadyExists: true, useOCPNamespaceUIDRange: true },
            excludeResourceSelector: selectPlatformParts,
          },
        },
      ],
    },
  ),
  sample(
    "clusterrestore-elsewhere",
    "From the target alone, into another namespace and another StorageClass, with one replica less.",
    "ClusterRestore",
    { name: "rhoai-sandbox" },
    {
      source: {
        type: "Location",
        target: { name: "vault", namespace: system },
        location: "points/7c9f2f3e-cluster/rhoai-demo-plan/20261121T031500Z-1a2b3c4d",
      },
      components: [
        {
          sourceNamespace: "rhoai-demo",
          restoreNamespace: "rhoai-sandbox",
          restoreConfig: {
            storageClassMap: { "ocs-storagecluster-ceph-rbd": "fast" },
            transformComponents: {
              custom: [
                {
                  transformName: "one-replica",
                  resources: { groupVersionKind: { group: "apps", kind: "Deployment", version: "v1" } },
                  jsonPatches: [{ op: "replace", path: "/spec/replicas", value: 1 }],
                },
              ],
            },
          },
        },
      ],
    },
  ),
  sample(
    "transformset",
    "Changes for every restore into a test cluster: one replica, no alerts.",
    "TransformSet",
    { name: "small", namespace: system },
    {
      transforms: [
        {
          name: "one-replica",
          resources: { groupVersionKind: { group: "apps", kind: "Deployment", version: "v1" } },
          when: { cel: "object.spec.replicas > 1" },
          jsonPatches: [{ op: "replace", path: "/spec/replicas", value: 1 }],
        },
        {
          name: "no-alerts",
          resources: { labelSelector: [{ matchLabels: { tier: "production" } }] },
          when: { jsonPath: "$.metadata.annotations['example.com/alert-channel']" },
          mergePatch: { metadata: { annotations: { "example.com/alert-channel": null } } },
        },
      ],
    },
  ),
  sample(
    "clusterrestore-in-place",
    "Back in place after a mistake: objects as they were, volumes with the content of the point.",
    "ClusterRestore",
    { name: "rhoai-back" },
    {
      source: { type: "ClusterBackup", clusterBackup: { name: "rhoai-demo-backup-baseline" } },
      components: [
        {
          sourceNamespace: "rhoai-demo",
          restoreConfig: {
            onConflict: {
              default: "patch",
              rules: [
                { mode: "skip", resources: { gvkSelector: [{ groupVersionKind: { version: "v1", kind: "Secret" } }] } },
              ],
            },
            onVolumeConflict: "replace",
            transformSets: [{ name: "small", namespace: system }],
          },
        },
      ],
    },
  ),
];
