/**
 * Objects as a server gives them: the platform of the walkthrough, for tests. Two namespaces, their volumes, their classes.
 * Long, since it is a table of objects: one place to look a field up.
 */
import type { KubeObject, ObjectMeta, OwnerReference } from "../flow/object.ts";

export const app = "rhoai-demo";
export const registries = "rhoai-model-registries";
export const connectionName = "aws-connection-rhoai-demo-bucket";
export const bucketName = "rhoai-demo-6f0f2c1e-3a53-4f31-9d6c-0d4f4b0f4a51";
/** A value that must come out nowhere. */
export const secretKey = "very-secret-key-of-the-bucket";

let counter = 0;

/** An object with the metadata that a server sets. */
export function sample(
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
  name: string,
  rest: Record<string, unknown> = {},
  meta: Partial<ObjectMeta> = {},
): KubeObject {
  counter++;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      uid: `00000000-0000-4000-8000-${String(counter).padStart(12, "0")}`,
      resourceVersion: String(1000 + counter),
      creationTimestamp: "2026-11-20T10:00:00Z",
      managedFields: [{ manager: "kubectl", operation: "Apply" }],
      ...meta,
    },
    ...rest,
  };
}

export function ownedBy(owner: KubeObject): OwnerReference[] {
  return [
    {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid ?? "",
      controller: true,
      blockOwnerDeletion: true,
    },
  ];
}

export function base64(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
}

/** A bound claim and its volume. */
export function boundClaim(
  namespace: string,
  name: string,
  storageClass: string,
  driver: string,
  meta: Partial<ObjectMeta> = {},
): KubeObject[] {
  const volume = `pvc-${namespace}-${name}`;
  return [
    sample(
      "v1",
      "PersistentVolumeClaim",
      namespace,
      name,
      {
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "20Gi" } },
          storageClassName: storageClass,
          volumeMode: "Filesystem",
          volumeName: volume,
        },
        status: { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "20Gi" } },
      },
      {
        finalizers: ["kubernetes.io/pvc-protection"],
        annotations: { "pv.kubernetes.io/bind-completed": "yes" },
        ...meta,
      },
    ),
    sample("v1", "PersistentVolume", undefined, volume, {
      spec: {
        capacity: { storage: "20Gi" },
        storageClassName: storageClass,
        csi: { driver, volumeHandle: `handle-${name}` },
        persistentVolumeReclaimPolicy: "Delete",
      },
    }),
  ];
}

export function runningPod(
  namespace: string,
  name: string,
  spec: Record<string, unknown>,
  meta: Partial<ObjectMeta> = {},
): KubeObject {
  return sample(
    "v1",
    "Pod",
    namespace,
    name,
    {
      spec: { nodeName: "node-1", ...spec },
      status: { phase: "Running", podIP: "10.0.0.7", conditions: [{ type: "Ready", status: "True" }] },
    },
    meta,
  );
}

function classes(): KubeObject[] {
  return [
    sample("storage.k8s.io/v1", "StorageClass", undefined, "ceph-rbd", {
      provisioner: "rbd.csi.ceph.com",
      reclaimPolicy: "Delete",
    }),
    sample("storage.k8s.io/v1", "StorageClass", undefined, "noobaa", {
      provisioner: "noobaa.io/obc",
      reclaimPolicy: "Delete",
    }),
    sample("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", undefined, "rbd-other", {
      driver: "rbd.csi.ceph.com",
      deletionPolicy: "Delete",
    }),
    sample(
      "snapshot.storage.k8s.io/v1",
      "VolumeSnapshotClass",
      undefined,
      "rbd-snapshots",
      { driver: "rbd.csi.ceph.com", deletionPolicy: "Delete" },
      { annotations: { "snapshot.storage.kubernetes.io/is-default-class": "true" } },
    ),
  ];
}

function bucket(): KubeObject[] {
  const claim = sample(
    "objectbucket.io/v1alpha1",
    "ObjectBucketClaim",
    app,
    "rhoai-demo-bucket",
    {
      spec: {
        generateBucketName: "rhoai-demo",
        bucketName,
        storageClassName: "noobaa",
        objectBucketName: "obc-rhoai-demo-rhoai-demo-bucket",
      },
      status: { phase: "Bound" },
    },
    { finalizers: ["objectbucket.io/finalizer"] },
  );
  const keys = { AWS_ACCESS_KEY_ID: "AKIDEMO", AWS_SECRET_ACCESS_KEY: secretKey };
  return [
    claim,
    sample("objectbucket.io/v1alpha1", "ObjectBucket", undefined, "obc-rhoai-demo-rhoai-demo-bucket", {
      spec: { reclaimPolicy: "Delete" },
    }),
    sample(
      "v1",
      "Secret",
      app,
      "rhoai-demo-bucket",
      { type: "Opaque", data: base64(keys) },
      { ownerReferences: ownedBy(claim) },
    ),
    sample(
      "v1",
      "ConfigMap",
      app,
      "rhoai-demo-bucket",
      {
        data: {
          BUCKET_NAME: bucketName,
          BUCKET_HOST: "s3.openshift-storage.svc",
          BUCKET_PORT: "443",
          BUCKET_REGION: "",
        },
      },
      { ownerReferences: ownedBy(claim) },
    ),
    sample(
      "v1",
      "Secret",
      app,
      connectionName,
      {
        type: "Opaque",
        data: base64({
          ...keys,
          AWS_DEFAULT_REGION: "us-east-1",
          AWS_S3_BUCKET: bucketName,
          AWS_S3_ENDPOINT: "https://s3.openshift-storage.svc/",
        }),
      },
      {
        labels: { "opendatahub.io/dashboard": "true", "opendatahub.io/managed": "true" },
        annotations: {
          "opendatahub.io/connection-type": "s3",
          "kubectl.kubernetes.io/last-applied-configuration": `{"stringData":{"AWS_SECRET_ACCESS_KEY":"${secretKey}"}}`,
        },
      },
    ),
    sample(
      "v1",
      "Secret",
      app,
      "storage-config",
      {
        data: base64({
          [connectionName]: JSON.stringify({
            type: "s3",
            access_key_id: "AKIDEMO",
            secret_access_key: secretKey,
            bucket: bucketName,
          }),
        }),
      },
      { labels: { "opendatahub.io/managed": "true" } },
    ),
  ];
}

function serving(): KubeObject[] {
  const service = (name: string, format: string, runtime: string, path: string) =>
    sample(
      "serving.kserve.io/v1beta1",
      "InferenceService",
      app,
      name,
      {
        spec: {
          predictor: {
            minReplicas: 1,
            model: { modelFormat: { name: format }, runtime, storage: { key: connectionName, path } },
          },
        },
        status: { url: `http://${name}-predictor.rhoai-demo.svc`, conditions: [{ type: "Ready", status: "True" }] },
      },
      {
        generation: 1,
        finalizers: ["inferenceservice.finalizers"],
        labels: { "modelregistry.opendatahub.io/name": "rhoai-registry" },
      },
    );
  const runtime = (name: string, format: string) =>
    sample("serving.kserve.io/v1alpha1", "ServingRuntime", app, name, {
      spec: {
        containers: [{ name: "kserve-container", image: "registry.example/serving@sha256:bd44" }],
        supportedModelFormats: [{ name: format }],
      },
    });
  const iris = service("iris", "sklearn", "mlserver-runtime", "models/iris");
  const predictor = sample(
    "apps/v1",
    "Deployment",
    app,
    "iris-predictor",
    { spec: { replicas: 1, template: { spec: { containers: [{ name: "kserve-container", image: "x" }] } } } },
    { ownerReferences: ownedBy(iris) },
  );
  return [
    iris,
    service("opt125m", "vLLM", "vllm-cpu-x86-runtime", "models/opt-125m"),
    runtime("mlserver-runtime", "sklearn"),
    runtime("vllm-cpu-x86-runtime", "vLLM"),
    predictor,
    sample(
      "v1",
      "Service",
      app,
      "iris-predictor",
      { spec: { clusterIP: "None", selector: { app: "isvc.iris-predictor" } } },
      { ownerReferences: ownedBy(iris) },
    ),
  ];
}

function workbench(): KubeObject[] {
  const name = "rodolfo-workbench";
  const claim = `${name}-storage`;
  const spec = {
    containers: [
      {
        name,
        image: "registry.example/jupyter",
        envFrom: [{ secretRef: { name: connectionName } }],
        volumeMounts: [{ name: claim, mountPath: "/opt/app-root/src" }],
      },
    ],
    volumes: [{ name: claim, persistentVolumeClaim: { claimName: claim } }],
  };
  const notebook = sample(
    "kubeflow.org/v1",
    "Notebook",
    app,
    name,
    { spec: { template: { spec } }, status: { readyReplicas: 1 } },
    {
      annotations: {
        "opendatahub.io/connections": `${app}/${connectionName}`,
        "notebooks.kubeflow.org/last-activity": "2026-11-20T11:00:00Z",
        "opendatahub.io/username": "rodolfo",
      },
      finalizers: ["notebook.opendatahub.io/httproute-cleanup"],
    },
  );
  const set = sample(
    "apps/v1",
    "StatefulSet",
    app,
    name,
    { spec: { replicas: 1, template: { spec } } },
    { ownerReferences: ownedBy(notebook) },
  );
  return [
    notebook,
    ...boundClaim(app, claim, "ceph-rbd", "rbd.csi.ceph.com"),
    set,
    sample(
      "v1",
      "Service",
      app,
      name,
      { spec: { selector: { statefulset: name } } },
      { ownerReferences: ownedBy(notebook) },
    ),
    runningPod(app, `${name}-0`, spec, { ownerReferences: ownedBy(set) }),
  ];
}

function registry(): KubeObject[] {
  const name = "model-registry-db";
  const from = (variable: string, key: string) => ({ name: variable, valueFrom: { secretKeyRef: { name, key } } });
  const spec = {
    containers: [
      {
        name: "mariadb",
        image: "registry.redhat.io/rhel9/mariadb-105@sha256:aa",
        env: [
          from("MYSQL_DATABASE", "database-name"),
          from("MYSQL_USER", "database-user"),
          from("MYSQL_PASSWORD", "database-password"),
          from("MYSQL_ROOT_PASSWORD", "database-root-password"),
        ],
        ports: [{ containerPort: 3306, name: "mysql" }],
        volumeMounts: [{ name: "data", mountPath: "/var/lib/mysql" }],
      },
    ],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: name } }],
  };
  const database = sample(
    "apps/v1",
    "Deployment",
    registries,
    name,
    { spec: { replicas: 1, template: { metadata: { labels: { app: name } }, spec } } },
    { labels: { app: name } },
  );
  const replicas = sample(
    "apps/v1",
    "ReplicaSet",
    registries,
    `${name}-7c9d`,
    { spec: { replicas: 1, template: { spec } } },
    { ownerReferences: ownedBy(database) },
  );
  const custom = sample("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", registries, "rhoai-registry", {
    spec: {
      grpc: {},
      rest: {},
      mysql: {
        host: name,
        port: 3306,
        database: "model_registry",
        username: "mlmduser",
        passwordSecret: { name, key: "database-password" },
      },
    },
    status: { conditions: [{ type: "Available", status: "True" }] },
  });
  const labels = {
    app: "rhoai-registry",
    component: "model-registry",
    "app.kubernetes.io/created-by": "model-registry-operator",
  };
  return [
    sample("v1", "Secret", registries, name, {
      data: base64({
        "database-name": "model_registry",
        "database-user": "mlmduser",
        "database-password": "pw-of-the-user",
        "database-root-password": "pw-of-root",
      }),
    }),
    ...boundClaim(registries, name, "ceph-rbd", "rbd.csi.ceph.com"),
    database,
    replicas,
    runningPod(registries, `${name}-7c9d-xk2`, spec, { labels: { app: name }, ownerReferences: ownedBy(replicas) }),
    sample("v1", "Service", registries, name, {
      spec: { clusterIP: "172.30.4.4", clusterIPs: ["172.30.4.4"], selector: { app: name }, ports: [{ port: 3306 }] },
    }),
    custom,
    sample(
      "apps/v1",
      "Deployment",
      registries,
      "rhoai-registry",
      { spec: { replicas: 1, template: { spec: { containers: [{ name: "rest", image: "x" }] } } } },
      { labels, ownerReferences: ownedBy(custom) },
    ),
    sample("v1", "Service", registries, "rhoai-registry-internal", { spec: { selector: { app: "rhoai-registry" } } }),
    sample("networking.k8s.io/v1", "NetworkPolicy", registries, "allow-same-namespace-to-registry-8080", { spec: {} }),
  ];
}

function catalog(): KubeObject[] {
  const labels = { component: "model-catalog", "app.kubernetes.io/created-by": "model-registry-operator" };
  const spec = { containers: [{ name: "catalog", image: "x" }] };
  return [
    sample(
      "apps/v1",
      "Deployment",
      registries,
      "model-catalog",
      { spec: { replicas: 1, template: { spec } } },
      { labels },
    ),
    sample(
      "apps/v1",
      "Deployment",
      registries,
      "model-catalog-postgres",
      { spec: { replicas: 1, template: { spec } } },
      { labels },
    ),
    ...boundClaim(registries, "model-catalog-postgres", "ceph-rbd", "rbd.csi.ceph.com", { labels }),
    sample(
      "v1",
      "ConfigMap",
      registries,
      "model-catalog-sources",
      { data: { "sources.yaml": "catalogs: []" } },
      { labels },
    ),
  ];
}

function everyNamespace(namespace: string): KubeObject[] {
  return [
    sample("v1", "Namespace", undefined, namespace, {}, { labels: { "opendatahub.io/dashboard": "true" } }),
    sample("v1", "ServiceAccount", namespace, "default"),
    sample("v1", "ConfigMap", namespace, "kube-root-ca.crt", { data: { "ca.crt": "-----BEGIN CERTIFICATE-----" } }),
  ];
}

/** The whole platform, fresh copies at each call. */
export function walkthrough(): KubeObject[] {
  return [
    ...everyNamespace(app),
    ...everyNamespace(registries),
    ...classes(),
    ...bucket(),
    ...serving(),
    ...workbench(),
    ...registry(),
    ...catalog(),
  ];
}
