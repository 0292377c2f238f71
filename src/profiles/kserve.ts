import type { KubeObject } from "../flow/object.ts";
import { connectionOf, connectionsOf, endpointUrl, useOf } from "./connection.ts";
import { startsClean } from "./clean-start.ts";
import { condition } from "./generic/readiness.ts";
import { isKind, kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { annotation, leads } from "./paths.ts";
import { hardwareProfileOf } from "./platform-config.ts";
import { podReferences } from "./pod-spec.ts";
import type { BucketUse, NotRestored, Profile, Readiness, Reference } from "./profile.ts";
import { valueOf } from "./secret-values.ts";

/** Model serving by KServe: endpoints, their runtimes, the connections through which they load weights. */
export const kserve: Profile = {
  name: "kserve",
  about: {
    is: "Model serving by KServe: InferenceServices and their runtimes.",
    left: "Deployments, Services, autoscalers, routes; storage-config where the platform makes it.",
    keeps: "Connections, runtimes of the namespace, weights on claims and in buckets.",
    status: "It starts clean: an answer is believed only from what serves here.",
  },
  kinds: [kinds.inferenceService, kinds.servingRuntime, kinds.clusterServingRuntime],
  paths: [
    // The model of each component, or the older form with the framework's name as the field.
    leads(kinds.inferenceService, "spec{*}{*}.storageUri", "uri", { rule: "inferenceService.storageUri" }),
    leads(kinds.inferenceService, "spec{*}.storageUris[*].uri", "uri", { rule: "inferenceService.storageUri" }),
    leads(kinds.inferenceService, "spec{*}.logger.url", "uri", { rule: "inferenceService.logger.url" }),
    leads(kinds.inferenceService, "spec{*}.logger.storage.key", kinds.secret, {
      rule: "inferenceService.logger.storage",
      optional: true,
    }),
    leads(kinds.inferenceService, "spec{*}.logger.storage.serviceAccountName", kinds.serviceAccount, {
      rule: "inferenceService.logger.serviceAccountName",
    }),
    leads(kinds.inferenceService, annotation("opendatahub.io/connections"), kinds.secret, {
      rule: "inferenceService.connections",
    }),
    hardwareProfileOf(kinds.inferenceService),
  ],
  references: (object, all) => (isKind(object, kinds.inferenceService) ? serviceReferences(object, all) : []),
  children,
  buckets: (all) => all.ofKind("serving.kserve.io", "InferenceService").flatMap((service) => usesOf(service, all)),
  readiness,
  restoreRules: [
    startsClean(
      "serving",
      [kinds.inferenceService],
      "it names addresses and pods of the old cluster, and an answer is believed only from what serves here",
    ),
  ],
  order: [
    {
      kind: kinds.inferenceService,
      after: [
        kinds.servingRuntime,
        kinds.clusterServingRuntime,
        kinds.secret,
        kinds.configMap,
        kinds.serviceAccount,
        kinds.claim,
        kinds.bucketClaim,
        kinds.modelRegistry,
      ],
      why: "it is refused without its connection, and its pod loads the weights when it starts",
    },
  ],
};

/** The parts of an InferenceService that are PodSpecs with a model in them. */
export function componentsOf(service: KubeObject): readonly Record<string, any>[] {
  return ["predictor", "transformer", "explainer"].flatMap((name) => service.spec?.[name] ?? []);
}

/** `model`, or the older form with the framework's name as the field. */
export function modelsOf(component: Record<string, any>): readonly Record<string, any>[] {
  return Object.entries(component).flatMap(([name, value]) =>
    name !== "logger" && isNode(value) && (value.storageUri || value.storage || value.modelFormat) ? [value] : [],
  );
}

function isNode(value: unknown): value is Record<string, any> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Every URI from which an InferenceService loads. */
export function storageUrisOf(service: KubeObject): readonly string[] {
  return componentsOf(service).flatMap((component) => [
    ...modelsOf(component).flatMap((model) => model.storageUri ?? []),
    ...(component.storageUris ?? []).flatMap((one: any) => one.uri ?? []),
  ]);
}

function serviceReferences(service: KubeObject, all: ObjectSet): readonly Reference[] {
  const { namespace = "", annotations = {}, labels = {} } = service.metadata;
  const found: Reference[] = [];
  const secret = (name: string, rule: string, optional = false) =>
    found.push({ to: { ...kinds.secret, namespace, name }, kind: "reads", rule, ...(optional ? { optional } : {}) });
  for (const component of componentsOf(service)) {
    // A predictor with only a model has no containers, and so is no PodSpec for the generic rules.
    if (!component.containers?.length) found.push(...podReferences(component, namespace));
    for (const model of modelsOf(component)) {
      if (model.runtime)
        found.push({ ...runtimeReference(model.runtime, namespace, all), rule: "inferenceService.model.runtime" });
      if (model.storage?.key) {
        const config = annotations["serving.kserve.io/storageSecretName"] ?? "storage-config";
        const entry = valueOf(all.get({ ...kinds.secret, namespace, name: config }), model.storage.key);
        secret(config, "inferenceService.storage.config");
        secret(model.storage.key, "inferenceService.storage.key", entry !== undefined);
      }
    }
  }
  const chosen = service.status?.servingRuntimeName ?? service.status?.clusterServingRuntimeName;
  if (chosen && !found.some((one) => one.rule === "inferenceService.model.runtime")) {
    found.push({ ...runtimeReference(chosen, namespace, all), rule: "inferenceService.status.servingRuntimeName" });
  }
  const registry = registryLabel(labels, "name");
  if (registry) {
    const home =
      registryLabel(labels, "namespace") ??
      all.ofKind("modelregistry.opendatahub.io", "ModelRegistry").find(() => true)?.metadata.namespace;
    found.push({
      to: { ...kinds.modelRegistry, namespace: home, name: registry },
      kind: "needs",
      rule: "inferenceService.modelRegistry",
      optional: true,
    });
  }
  return found;
}

/** Upstream and OpenShift AI write the same labels under names of their own. */
function registryLabel(labels: Readonly<Record<string, string>>, name: string): string | undefined {
  return labels[`modelregistry.opendatahub.io/${name}`] ?? labels[`modelregistry.kubeflow.org/${name}`];
}

/** A runtime of the namespace hides one of the cluster with the same name. */
function runtimeReference(name: string, namespace: string, all: ObjectSet): Omit<Reference, "rule"> {
  const own = { ...kinds.servingRuntime, namespace, name };
  return { to: all.get(own) ? own : { ...kinds.clusterServingRuntime, name }, kind: "needs" };
}

/** What is named by `storage.key`; the buckets of URIs are found by the paths. */
function usesOf(service: KubeObject, all: ObjectSet): readonly BucketUse[] {
  const { namespace, name } = service.metadata;
  const because = `InferenceService ${namespace}/${name} loads its model from here`;
  return componentsOf(service).flatMap((component) =>
    modelsOf(component).flatMap((model) =>
      model.storage?.key ? storageUse(service, model.storage, because, all) : [],
    ),
  );
}

/** `storage: {key, path}`: the connection Secret of that name, or an entry of storage-config. */
function storageUse(
  service: KubeObject,
  storage: Record<string, any>,
  because: string,
  all: ObjectSet,
): readonly BucketUse[] {
  const { namespace, annotations = {} } = service.metadata;
  const prefix = String(storage.path ?? "").replace(/^\/+/, "");
  const connection = connectionOf(all.get({ ...kinds.secret, namespace, name: storage.key }));
  const wanted = storage.parameters?.bucket ?? connection?.bucket;
  if (connection && wanted) return [useOf(service, connection, wanted, prefix, because, all)];
  const config = annotations["serving.kserve.io/storageSecretName"] ?? "storage-config";
  const entry = parseEntry(valueOf(all.get({ ...kinds.secret, namespace, name: config }), storage.key));
  const bucket = wanted ?? entry?.bucket;
  if (!bucket || (entry?.type && entry.type !== "s3")) return [];
  const same = connectionsOf(all, namespace).find((one) => one.accessKey === entry?.access_key_id);
  const endpoint = endpointUrl(entry?.endpoint_url);
  if (same)
    return [
      useOf(
        service,
        { ...same, endpoint: same.endpoint ?? endpoint, region: same.region ?? entry?.region },
        bucket,
        prefix,
        because,
        all,
      ),
    ];
  return [
    {
      bucket,
      prefix,
      because,
      endpoint,
      region: entry?.region,
      by: { ...kinds.inferenceService, namespace, name: service.metadata.name },
    },
  ];
}

function parseEntry(json: string | undefined): Record<string, string> | undefined {
  if (!json) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // hand-written and broken: KServe cannot use it either
  }
}

/** On OpenShift AI the Secret storage-config is made of all connection Secrets; by hand it is a person's own. */
function children(object: KubeObject): NotRestored | undefined {
  const managed =
    isKind(object, kinds.secret) &&
    object.metadata.name === "storage-config" &&
    object.metadata.labels?.["opendatahub.io/managed"] === "true";
  return managed
    ? { rule: "generated", reason: "the platform makes storage-config again from the connection Secrets" }
    : undefined;
}

function readiness(object: KubeObject): Readiness | undefined {
  if (!isKind(object, kinds.inferenceService)) return undefined;
  if (object.metadata.annotations?.["serving.kserve.io/stop"] === "true") return "ready";
  const ready = condition(object, "Ready");
  return ready === "unknown" ? "not" : ready;
}
