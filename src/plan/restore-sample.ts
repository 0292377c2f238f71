/** The walkthrough's two namespaces as a recovery point, for tests of the restore plan. */
import type { KubeObject } from "../flow/object.ts";
import type {
  BucketRecord,
  DatabaseRecord,
  ObjectsRecord,
  RecoveryPoint,
  VolumeRecord,
} from "../flow/recovery-point.ts";
import { type TargetFacts, kindKey } from "./restore-facts.ts";
import type { RestoreComponent, RestoreFlags } from "./restore-options.ts";

const demo = "rhoai-demo";
const registries = "rhoai-model-registries";
export const oldBucket = "rhoai-demo-1f2e3d4c-5b6a-4798-8899-aabbccddeeff";
export const oldKeys = { accessKey: "AKIAOLDKEY0123456789", secretKey: "old/secret+key0123456789abcdef" };

const uid = (kind: string, name: string) => `uid-${kind}-${name}`;

export function sampleObject(
  apiVersion: string,
  kind: string,
  namespace: string,
  name: string,
  rest: Record<string, unknown> = {},
): KubeObject {
  const { metadata, ...body } = rest as { metadata?: Record<string, unknown> };
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      uid: uid(kind, name),
      resourceVersion: "4711",
      creationTimestamp: "2026-11-20T10:00:00Z",
      generation: 3,
      managedFields: [{ manager: "kubectl" }],
      ...metadata,
    },
    ...body,
  };
}

export function ownedBy(kind: string, name: string, apiVersion: string, controller = true) {
  return { ownerReferences: [{ apiVersion, kind, name, uid: uid(kind, name), controller, blockOwnerDeletion: true }] };
}

export const encoded = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));

const isReady = { conditions: [{ type: "Ready", status: "True" }] };

const registryDatabase: KubeObject[] = [
  sampleObject("apps/v1", "Deployment", registries, "model-registry-db", {
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "model-registry-db" } },
      template: {
        metadata: { labels: { app: "model-registry-db" } },
        spec: {
          containers: [
            {
              name: "mariadb",
              image: "mariadb:10.11",
              env: [
                {
                  name: "MYSQL_PASSWORD",
                  valueFrom: { secretKeyRef: { name: "model-registry-db", key: "database-password" } },
                },
              ],
            },
          ],
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: "model-registry-db" } }],
        },
      },
    },
    status: { replicas: 1, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1, observedGeneration: 3 },
  }),
  sampleObject("apps/v1", "ReplicaSet", registries, "model-registry-db-abc", {
    metadata: ownedBy("Deployment", "model-registry-db", "apps/v1"),
  }),
  sampleObject("v1", "Pod", registries, "model-registry-db-abc-x1", {
    metadata: { ...ownedBy("ReplicaSet", "model-registry-db-abc", "apps/v1"), labels: { app: "model-registry-db" } },
    status: { phase: "Running" },
  }),
  sampleObject("v1", "Service", registries, "model-registry-db", {
    spec: {
      clusterIP: "10.96.4.5",
      clusterIPs: ["10.96.4.5"],
      selector: { app: "model-registry-db" },
      ports: [{ port: 3306 }],
    },
  }),
  sampleObject("v1", "Secret", registries, "model-registry-db", {
    type: "Opaque",
    data: encoded({ "database-password": "hunter2hunter2" }),
  }),
  sampleObject("v1", "PersistentVolumeClaim", registries, "model-registry-db", {
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "lab-csi",
      volumeName: "pvc-1",
      resources: { requests: { storage: "1Gi" } },
    },
    status: { phase: "Bound" },
  }),
  sampleObject("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", registries, "rhoai-registry", {
    spec: {
      mysql: {
        host: "model-registry-db",
        port: 3306,
        database: "model_registry",
        passwordSecret: { name: "model-registry-db", key: "database-password" },
      },
    },
    status: { conditions: [{ type: "Available", status: "True" }] },
  }),
  sampleObject("apps/v1", "Deployment", registries, "rhoai-registry", {
    metadata: ownedBy("ModelRegistry", "rhoai-registry", "modelregistry.opendatahub.io/v1beta1"),
    spec: {
      template: { spec: { containers: [{ args: ["--dsn=mlmduser@tcp(model-registry-db:3306)/model_registry"] }] } },
    },
  }),
  sampleObject("v1", "PersistentVolumeClaim", registries, "scratch", {
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "lab-csi",
      volumeName: "pvc-8",
      resources: { requests: { storage: "1Gi" } },
    },
  }),
  sampleObject("v1", "PersistentVolumeClaim", registries, "model-catalog-postgres", {
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "lab-csi",
      volumeName: "pvc-9",
      resources: { requests: { storage: "1Gi" } },
    },
  }),
];

const demoObjects: KubeObject[] = [
  sampleObject("v1", "ConfigMap", demo, "kube-root-ca.crt", { data: { "ca.crt": "PEM" } }),
  sampleObject("v1", "ServiceAccount", demo, "default"),
  sampleObject("objectbucket.io/v1alpha1", "ObjectBucketClaim", demo, "rhoai-demo-bucket", {
    metadata: { finalizers: ["objectbucket.io/finalizer"] },
    spec: {
      generateBucketName: demo,
      bucketName: oldBucket,
      objectBucketName: "obc-rhoai-demo-rhoai-demo-bucket",
      storageClassName: "lab-buckets",
    },
    status: { phase: "Bound" },
  }),
  sampleObject("v1", "Secret", demo, "rhoai-demo-bucket", {
    metadata: {
      ...ownedBy("ObjectBucketClaim", "rhoai-demo-bucket", "objectbucket.io/v1alpha1"),
      finalizers: ["objectbucket.io/finalizer"],
    },
    data: encoded({ AWS_ACCESS_KEY_ID: oldKeys.accessKey, AWS_SECRET_ACCESS_KEY: oldKeys.secretKey }),
  }),
  sampleObject("v1", "Secret", demo, "aws-connection-rhoai-demo-bucket", {
    metadata: {
      labels: { "opendatahub.io/managed": "true", "opendatahub.io/dashboard": "true" },
      annotations: { "opendatahub.io/connection-type": "s3" },
    },
    data: encoded({
      AWS_ACCESS_KEY_ID: oldKeys.accessKey,
      AWS_SECRET_ACCESS_KEY: oldKeys.secretKey,
      AWS_S3_BUCKET: oldBucket,
      AWS_S3_ENDPOINT: "http://10.9.0.1:7070",
    }),
  }),
  sampleObject("kubeflow.org/v1", "Notebook", demo, "workbench", {
    metadata: {
      finalizers: ["notebook.opendatahub.io/httproute-cleanup"],
      annotations: { "notebooks.kubeflow.org/last-activity": "2026-11-20T10:00:00Z" },
    },
    spec: {
      template: {
        spec: {
          containers: [{ name: "workbench" }],
          volumes: [{ name: "home", persistentVolumeClaim: { claimName: "workbench" } }],
        },
      },
    },
    status: { readyReplicas: 1, containerState: { running: {} }, ...isReady },
  }),
  sampleObject("apps/v1", "StatefulSet", demo, "workbench", {
    metadata: ownedBy("Notebook", "workbench", "kubeflow.org/v1"),
  }),
  sampleObject("v1", "PersistentVolumeClaim", demo, "workbench", {
    metadata: {
      annotations: { "pv.kubernetes.io/bind-completed": "yes", "volume.kubernetes.io/selected-node": "n1" },
      finalizers: ["kubernetes.io/pvc-protection"],
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "lab-csi",
      volumeName: "pvc-2",
      resources: { requests: { storage: "20Gi" } },
    },
    status: { phase: "Bound" },
  }),
  sampleObject("serving.kserve.io/v1alpha1", "ServingRuntime", demo, "mlserver-runtime", {
    spec: { containers: [{ name: "kserve-container" }] },
  }),
  sampleObject("serving.kserve.io/v1beta1", "InferenceService", demo, "iris", {
    spec: {
      predictor: {
        model: {
          runtime: "mlserver-runtime",
          storage: { key: "aws-connection-rhoai-demo-bucket", path: "models/iris" },
        },
      },
    },
    status: isReady,
  }),
  sampleObject("v1", "Service", demo, "iris-predictor", {
    metadata: ownedBy("InferenceService", "iris", "serving.kserve.io/v1beta1"),
    spec: { clusterIP: "None", selector: { app: "iris" } },
  }),
  sampleObject("batch/v1", "Job", demo, "upload", {
    spec: {
      selector: {},
      template: { spec: { restartPolicy: "Never", containers: [{ name: "upload", image: "upload:1" }] } },
    },
    status: {
      startTime: "2026-11-20T10:00:00Z",
      completionTime: "2026-11-20T10:05:00Z",
      succeeded: 1,
      conditions: [
        {
          type: "Complete",
          status: "True",
          lastProbeTime: "2026-11-20T10:05:00Z",
          lastTransitionTime: "2026-11-20T10:05:00Z",
        },
      ],
    },
  }),
  sampleObject("v1", "ResourceQuota", demo, "quota", { spec: { hard: { pods: "20" } } }),
];

export function sampleObjects(): KubeObject[] {
  return structuredClone([...demoObjects, ...registryDatabase]);
}

export function volumeRecord(namespace: string, claim: string): VolumeRecord {
  return {
    volume: {
      id: `${namespace}/${claim}`,
      namespace,
      claim,
      claimUid: "u",
      volumeName: "pv",
      storageClass: "lab-csi",
      driver: "lab",
      handle: "h",
      capacity: 2 ** 30,
      accessModes: ["ReadWriteOnce"],
      mode: "Filesystem",
    },
    repository: `repos/c/${namespace}`,
    snapshot: "a".repeat(64),
    method: "snapshot",
    cutAt: "2026-11-20T10:00:00Z",
    files: 7,
    bytes: 1234,
    added: 1234,
  };
}

const noObjects: ObjectsRecord = { repository: "repos/c/_cluster", snapshot: "b".repeat(64), kinds: [], added: 0 };

export const bucketRecord: BucketRecord = {
  id: `10.9.0.1:7070/${oldBucket}`,
  endpoint: "http://10.9.0.1:7070",
  region: "us-east-1",
  bucket: oldBucket,
  credentials: { namespace: demo, secret: "aws-connection-rhoai-demo-bucket" },
  claim: { namespace: demo, name: "rhoai-demo-bucket" },
  repository: "repos/models/c",
  listedAt: "2026-11-20T10:00:00Z",
  objects: [],
  added: 0,
};

const databaseRecord: DatabaseRecord = {
  id: `${registries}/model-registry-db-abc-x1`,
  engine: "mariadb",
  version: "10.11",
  namespace: registries,
  pod: "model-registry-db-abc-x1",
  lock: "global read lock",
  heldMs: 12,
  databases: ["model_registry"],
  volumes: [`${registries}/model-registry-db`],
  accounts: [{ user: "mlmduser", secret: "model-registry-db", key: "database-password" }],
  port: 3306,
};

export function samplePoint(change: Partial<RecoveryPoint> = {}): RecoveryPoint {
  const namespace = (name: string, claims: string[]) => ({
    name,
    uid: `uid-${name}`,
    labels: { "kubernetes.io/metadata.name": name, "opendatahub.io/dashboard": "true" },
    annotations: { "openshift.io/sa.scc.uid-range": "1000680000/10000", "openshift.io/display-name": name },
    objects: noObjects,
    volumes: claims.map((claim) => volumeRecord(name, claim)),
  });
  return {
    layout: 1,
    id: "20261120T100000Z-1a2b3c4d",
    cluster: { uid: "c", name: "lab", version: "v1.34.4" },
    plan: { kind: "ClusterBackupPlan", name: "rhoai-demo-plan", uid: "p" },
    backup: { kind: "ClusterBackup", name: "baseline", uid: "b" },
    type: "Full",
    startedAt: "2026-11-20T10:00:00Z",
    completedAt: "2026-11-20T10:01:00Z",
    fence: { startedAt: "", endedAt: "", milliseconds: 100 },
    holdfast: "0.1.0",
    restic: "0.19.1",
    namespaces: [
      namespace(demo, ["workbench"]),
      namespace(registries, ["model-registry-db", "model-catalog-postgres", "scratch"]),
    ],
    clusterObjects: noObjects,
    databases: [databaseRecord],
    buckets: [bucketRecord],
    skew: [],
    findings: [],
    size: { total: 1, added: 1 },
    ...change,
  };
}

export function sampleTarget(change: Partial<TargetFacts> = {}): TargetFacts {
  const kinds = sampleObjects().map((object) =>
    kindKey(object.apiVersion.includes("/") ? (object.apiVersion.split("/")[0] ?? "") : "", object.kind),
  );
  return {
    existing: new Map(),
    namespaces: new Map(),
    storageClasses: [
      { name: "lab-csi", provisioner: "csi.lab", isDefault: true },
      { name: "lab-buckets", provisioner: "buckets.lab", isDefault: false },
    ],
    kinds: new Set(kinds),
    bucketClaims: new Map(),
    missingClusterObjects: [],
    missingRights: [],
    ...change,
  };
}

export function sampleComponents(flags: RestoreFlags = {}, names: Record<string, string> = {}): RestoreComponent[] {
  return [demo, registries].map((sourceNamespace) => ({
    sourceNamespace,
    restoreNamespace: names[sourceNamespace] ?? sourceNamespace,
    flags,
    transforms: [],
    storageClassMap: {},
  }));
}
