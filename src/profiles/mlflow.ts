import { type KubeObject, refOf } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { connectionFor, parseS3Uri, useOf } from "./connection.ts";
import { condition } from "./generic/readiness.ts";
import { isKind, kinds } from "./kinds.ts";
import { noted } from "./noted.ts";
import type { ObjectSet } from "./object-set.ts";
import { connectionOfPods } from "./own-connections.ts";
import { leads } from "./paths.ts";
import { containersOf, podReferences, podSpecsOf } from "./pod-spec.ts";
import type { BucketUse, GroupKind, Profile, Reference } from "./profile.ts";
import { valueOf } from "./secret-values.ts";

const server: GroupKind = { group: "mlflow.opendatahub.io", kind: "MLflow" };
const config: GroupKind = { group: "mlflow.kubeflow.org", kind: "MLflowConfig" };

/**
 * MLflow, by its operator (one server for a cluster, run in the platform's namespace) or by hand. Experiments, runs and
 * registered models are rows; what they logged are files under the artifact root.
 */
export const mlflow: Profile = {
  name: "mlflow",
  about: {
    is: "MLflow: experiments, runs, registered models, and their artifacts.",
    left: "The operator's Deployment, Service, route and CronJob.",
    keeps:
      "The claim mlflow-pvc (SQLite and local artifacts), the Secret with the database's URI, the bucket of the artifacts.",
    status: "The server starts clean.",
    held: "Garbage collection is off, since it deletes for good what was deleted softly; an annotation keeps its settings.",
  },
  kinds: [server, config],
  paths: [
    ...[
      "backendStoreUri",
      "registryStoreUri",
      "readReplicaBackendStoreUri",
      "artifactsDestination",
      "defaultArtifactRoot",
    ].map((field) => leads(server, `spec.${field}`, "uri")),
    leads(server, "spec.image.image", "image"),
    leads(config, "spec.artifactRootSecret", kinds.secret, { optional: true }),
  ],
  references,
  // Those of the operator's server are among its paths.
  buckets: (all) =>
    [kinds.deployment, kinds.statefulSet].flatMap(({ group, kind }) =>
      all.ofKind(group, kind).flatMap((one) => usesOf(one, urisOfCommand(one), all)),
    ),
  rows: [{ of: server, hosts: hostsOfStores }],
  readiness: (object) => (isKind(object, server) ? condition(object, "Available") : undefined),
  restoreRules: [
    startsClean("mlflow", [server], "its parts are made again, and it asks each whether it is up"),
    {
      id: "mlflow-collector-off",
      kinds: [server],
      why: "it deletes rows and artifacts for good, by ages that went on while the point lay there",
      change: turnOffCollector,
    },
  ],
  order: [
    {
      kind: server,
      after: [kinds.secret, kinds.configMap, kinds.claim],
      why: "it makes an empty database where it finds none",
    },
  ],
};

/** The server's object is outside of namespaces; what it names is where it runs. */
function references(object: KubeObject, all: ObjectSet): readonly Reference[] {
  if (!isKind(object, server)) return [];
  const namespace = homeOf(all);
  if (!namespace) return [];
  const { env, envFrom, serviceAccountName, caBundleConfigMap, storage } = object.spec ?? {};
  const found = [...podReferences({ containers: [{ env, envFrom }] }, namespace)];
  const add = (of: GroupKind, name: unknown, kind: Reference["kind"], rule: string, optional = false) => {
    if (typeof name !== "string" || name === "") return;
    found.push({ to: { ...of, namespace, name }, kind, rule, ...(optional ? { optional } : {}) });
  };
  for (const field of ["backendStoreUriFrom", "registryStoreUriFrom", "readReplicaBackendStoreUriFrom"])
    add(kinds.secret, object.spec?.[field]?.name, "reads", `mlflow.${field}`);
  add(kinds.configMap, caBundleConfigMap?.name, "reads", "mlflow.caBundleConfigMap");
  add(kinds.serviceAccount, serviceAccountName, "needs", "mlflow.serviceAccountName", true);
  if (storage) add(kinds.claim, "mlflow-pvc", "stores", "mlflow.storage", true);
  return found;
}

function hostsOfStores({ spec = {} }: KubeObject, all: ObjectSet): readonly unknown[] {
  const namespace = homeOf(all);
  return ["backendStoreUri", "registryStoreUri"].flatMap((field) => {
    const { name, key } = spec[`${field}From`] ?? {};
    const secret = name ? all.get({ ...kinds.secret, namespace, name }) : undefined;
    return [spec[field], key ? valueOf(secret, key) : undefined];
  });
}

/** The namespace in which the operator runs the server: that of its claim or its Deployment. */
function homeOf(all: ObjectSet): string | undefined {
  const claim = all.ofKind("", kinds.claim.kind).find((one) => one.metadata.name === "mlflow-pvc");
  const owned = (one: KubeObject) => one.metadata.ownerReferences?.some((owner) => owner.kind === server.kind);
  return (claim ?? all.ofKind("apps", kinds.deployment.kind).find((one) => owned(one) ?? false))?.metadata.namespace;
}

/** `mlflow server --artifacts-destination s3://...` of a workload that a person wrote. */
function urisOfCommand(object: KubeObject): readonly string[] {
  return podSpecsOf(object)
    .flatMap(containersOf)
    .flatMap((container) => {
      const words = [...(container.command ?? []), ...(container.args ?? [])].join(" ");
      const told = (container.env ?? []).flatMap((one: any) =>
        /^_?MLFLOW_.*ARTIFACT/.test(one.name ?? "") ? [String(one.value ?? "")] : [],
      );
      const asked = /\bmlflow\b.*\bserver\b/s.test(words)
        ? [...words.matchAll(/--(?:artifacts-destination|default-artifact-root)[= ](\S+)/g)].map(
            (match) => match[1] ?? "",
          )
        : [];
      return [...told, ...asked];
    });
}

function usesOf(by: KubeObject, uris: readonly string[], all: ObjectSet): readonly BucketUse[] {
  return [...new Set(uris)].flatMap((uri) => {
    const place = parseS3Uri(uri);
    if (!place) return [];
    const because = `MLflow ${by.metadata.name} keeps the artifacts of its runs there`;
    const connection = connectionFor(place.bucket, by.metadata.namespace, all) ?? connectionOfPods(by, all);
    return [
      connection
        ? useOf(by, connection, place.bucket, place.prefix, because, all)
        : { bucket: place.bucket, prefix: place.prefix, because, by: refOf(by) },
    ];
  });
}

function turnOffCollector(object: KubeObject): KubeObject {
  const settings = object.spec?.garbageCollection;
  if (!settings) return object;
  delete object.spec.garbageCollection;
  return noted(object, "garbage-collection", settings);
}
