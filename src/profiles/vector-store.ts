import { type KubeObject, refOf } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { connectionFor, connectionOf } from "./connection.ts";
import { serviceOfHost } from "./hosts.ts";
import { isKind, kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { leads, valuesAt } from "./paths.ts";
import { containersOf, podSpecsOf } from "./pod-spec.ts";
import type { BucketUse, GroupKind, Profile, Readiness, Reference } from "./profile.ts";
import { rowsAt } from "./rows-at.ts";

export const milvus: GroupKind = { group: "milvus.io", kind: "Milvus" };
const dependencies = "spec.dependencies";

/**
 * Vector stores. Milvus is run by its operator, over three stores that have to agree: etcd, a bucket, a message queue.
 * Weaviate, Qdrant and Chroma are StatefulSets of a chart, and known by their images.
 */
export const vectorStore: Profile = {
  name: "vector-store",
  about: {
    is: "Milvus by its operator; Weaviate, Qdrant and Chroma as StatefulSets.",
    left: "Milvus's Deployments, Services and ConfigMaps. What it runs in the cluster (etcd, MinIO, Pulsar) are Helm releases: they come back with their release and their claims.",
    keeps: "The claims of etcd, object store and queue; the bucket with the segments; the Secret that reaches it.",
    status: "It starts clean.",
  },
  kinds: [milvus],
  paths: [
    leads(milvus, `${dependencies}.storage.secretRef`, kinds.secret, { rule: "milvus.storage.secretRef" }),
    leads(milvus, `${dependencies}.kafka.secretRef`, kinds.secret, { rule: "milvus.kafka.secretRef" }),
    leads(milvus, "spec.components.image", "image"),
    leads(milvus, "spec.components.serviceAccountName", kinds.serviceAccount),
    leads(milvus, "spec.components.volumes[*].persistentVolumeClaim.claimName", kinds.claim),
    leads(milvus, "spec.components.volumes[*].secret.secretName", kinds.secret),
    leads(milvus, "spec.components.volumes[*].configMap.name", kinds.configMap),
    leads(milvus, `${dependencies}.rocksmq.persistence.persistentVolumeClaim.existingClaim`, kinds.claim, {
      rule: "milvus.rocksmq.existingClaim",
    }),
  ],
  rows: [rowsAt(milvus, `${dependencies}.etcd.endpoints[*]`)],
  references: hostsOf,
  buckets: (all) => all.ofKind(milvus.group, milvus.kind).flatMap((one) => bucketOf(one, all)),
  readiness,
  restoreRules: [
    startsClean("milvus", [milvus], "its parts are made again, and it asks each whether it is up"),
    {
      id: "milvus-keeps-its-stores",
      kinds: [milvus],
      why: "deleting it would delete the claims of its stores: a second try of a restore would find nothing",
      change: keepStores,
    },
  ],
  order: [
    {
      kind: milvus,
      after: [kinds.secret, kinds.configMap, kinds.claim, kinds.statefulSet],
      why: "it makes empty stores where it finds none",
    },
  ],
};

const images: Readonly<Record<string, RegExp>> = {
  Milvus: /(^|\/)milvus(:|@|$)/,
  Weaviate: /(^|\/)weaviate(:|@|$)/,
  Qdrant: /(^|\/)qdrant(:|@|$)/,
  Chroma: /(^|\/)chroma(db)?(:|@|$)/,
};

export interface VectorStore {
  readonly engine: string;
  /** More than one store has to be of the same moment. */
  readonly parts: string;
}

/** The vector store of several parts that an object runs; undefined where it runs none. */
export function vectorStoreOf(object: KubeObject): VectorStore | undefined {
  if (isKind(object, milvus)) return { engine: "Milvus", parts: "its etcd, its bucket and its message queue" };
  if (!isKind(object, kinds.statefulSet) || (object.spec?.replicas ?? 1) < 2) return undefined;
  const used = podSpecsOf(object)
    .flatMap(containersOf)
    .map((container) => String(container.image ?? ""));
  const engine = Object.keys(images).find((name) => used.some((image) => images[name]?.test(image)));
  return engine ? { engine, parts: "the volumes of all its replicas" } : undefined;
}

/** Services of the cluster that it is told to use. */
function hostsOf(object: KubeObject, all: ObjectSet): readonly Reference[] {
  const { namespace } = object.metadata;
  if (!namespace || !isKind(object, milvus)) return [];
  const paths = ["etcd.endpoints[*]", "storage.endpoint", "pulsar.endpoint", "kafka.brokerList[*]", "natsmq.endpoint"];
  return paths.flatMap((path) =>
    valuesAt(object, `${dependencies}.${path}`).flatMap((value): readonly Reference[] => {
      const service = serviceOfHost(
        String(value)
          .replace(/^\w+:\/\//, "")
          .replace(/:\d+$/, ""),
        namespace,
      );
      const to = service && { ...kinds.service, ...service };
      if (!to || !(all.has(to) || /\.svc\b/.test(String(value)))) return []; // else a host outside
      return [{ to, kind: "needs", rule: `milvus.${path.replace("[*]", "")}`, optional: true }];
    }),
  );
}

function bucketOf(object: KubeObject, all: ObjectSet): readonly BucketUse[] {
  const { storage = {} } = object.spec?.dependencies ?? {};
  if (storage.external !== true) return [];
  const settings = object.spec?.config?.minio ?? {};
  const bucket: unknown = settings.bucketName;
  if (typeof bucket !== "string" || bucket === "") return [];
  const { namespace, name } = object.metadata;
  const own = connectionOf(all.get({ ...kinds.secret, namespace, name: storage.secretRef ?? "" }));
  const connection = own ?? connectionFor(bucket, namespace, all);
  const host = typeof storage.endpoint === "string" ? storage.endpoint : undefined;
  return [
    {
      bucket,
      prefix: String(settings.rootPath ?? ""),
      because: `Milvus ${namespace}/${name} keeps its segments there`,
      by: refOf(object),
      endpoint: host ? `${settings.useSSL ? "https" : "http"}://${host}` : connection?.endpoint,
      region: connection?.region,
      ...(connection ? { credentials: connection.credentials } : {}),
    },
  ];
}

function readiness(object: KubeObject): Readiness | undefined {
  if (!isKind(object, milvus)) return undefined;
  return object.status?.status === "Healthy" ? "ready" : "not";
}

function keepStores(object: KubeObject): KubeObject {
  for (const name of ["etcd", "storage", "pulsar", "kafka"]) {
    const inCluster = object.spec?.dependencies?.[name]?.inCluster;
    if (inCluster?.deletionPolicy !== "Delete") continue;
    inCluster.deletionPolicy = "Retain";
    inCluster.pvcDeletion = false;
  }
  return object;
}
