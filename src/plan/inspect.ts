import type { Inventory } from "../flow/inventory.ts";
import { type KubeObject, refKey, refOf } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { readinessOf } from "../profiles/index.ts";
import { componentsOf, modelsOf, storageUrisOf } from "../profiles/kserve.ts";
import { objectSetOf } from "../profiles/object-set.ts";
import { claimsOf, podSpecsOf } from "../profiles/pod-spec.ts";
import { findingsOf } from "./findings/index.ts";
import { leftOutRule } from "./findings/objects-of.ts";
import { readingOf } from "./findings/volumes.ts";
import type { Endpoint, Protection, Report } from "./report.ts";

export { inspectText } from "./inspect-text.ts";

/** Pure. `points`: newest first, as far as a target is known. */
export function inspect(inventory: Inventory, points: readonly RecoveryPoint[] = []): Report {
  const all = objectSetOf(inventory.objects);
  const inScope = inventory.objects.filter((one) => one.ref.namespace !== undefined);
  const left = inventory.objects.filter((one) => leftOutRule(one, one.object, inventory)).length;
  return {
    cluster: inventory.cluster,
    namespaces: inventory.namespaces,
    takenAt: inventory.takenAt,
    endpoints: all.ofKind("serving.kserve.io", "InferenceService").map((one) => endpointOf(one, inventory)),
    registries: all
      .ofKind("modelregistry.opendatahub.io", "ModelRegistry")
      .map((one) => ({ name: nameOf(one), database: databaseOf(one), state: readinessOf(one) })),
    workbenches: all.ofKind("kubeflow.org", "Notebook").map(workbenchOf),
    databases: inventory.databases.map((one) => ({
      id: one.id,
      engine: one.engine,
      databases: one.databases,
      hold: holdOf(one.accounts),
      volumes: one.volumes,
    })),
    volumes: inventory.volumes.map((one) => ({
      id: one.id,
      size: one.capacity,
      storageClass: one.storageClass,
      reading: readingOf(one),
      usedBy: one.usedBy?.pod ?? "",
    })),
    buckets: inventory.buckets.map((one) => ({
      id: one.id,
      claim: one.claim ? `${one.claim.namespace}/${one.claim.name}` : "",
      prefixes: one.prefixes.map((each) => each.prefix),
    })),
    objects: {
      total: inScope.length,
      kinds: new Set(inScope.map((one) => `${one.ref.kind}.${one.ref.group}`)).size,
      restored: inScope.length - left,
      leftToControllers: left,
      clusterScoped: inventory.objects.length - inScope.length,
    },
    protection: protectionOf(inventory, points),
    findings: findingsOf(inventory),
  };
}

function nameOf(object: KubeObject): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}

function endpointOf(service: KubeObject, inventory: Inventory): Endpoint {
  const model = componentsOf(service).flatMap(modelsOf)[0];
  const runtime =
    model?.runtime ?? service.status?.servingRuntimeName ?? service.status?.clusterServingRuntimeName ?? "";
  return {
    name: nameOf(service),
    format: model?.modelFormat?.name ?? "",
    runtime,
    weights: weightsOf(service, model, inventory),
    url: service.status?.url ?? "",
    state: readinessOf(service),
  };
}

function weightsOf(service: KubeObject, model: Record<string, any> | undefined, inventory: Inventory): string {
  const from = refKey(refOf(service));
  const bucket = inventory.buckets.find((one) =>
    inventory.edges.some((edge) => edge.from === from && edge.to === one.id),
  );
  if (bucket && model?.storage) return `${bucket.bucket}/${model.storage.path ?? ""}`;
  return storageUrisOf(service)[0] ?? "";
}

function databaseOf(registry: KubeObject): string {
  const { mysql, postgres } = registry.spec ?? {};
  const settings = mysql ?? postgres;
  return settings ? `${mysql ? "mysql" : "postgres"} ${settings.host ?? "(generated)"}/${settings.database ?? ""}` : "";
}

function workbenchOf(notebook: KubeObject): Report["workbenches"][number] {
  const stopped = notebook.metadata.annotations?.["kubeflow-resource-stopped"] !== undefined;
  return {
    name: nameOf(notebook),
    volumes: podSpecsOf(notebook).flatMap(claimsOf),
    state: stopped ? "stopped" : readinessOf(notebook),
  };
}

function holdOf(accounts: Inventory["databases"][number]["accounts"]): string {
  if (accounts.some((one) => one.user === "root")) return "global read lock";
  return accounts.length > 0 ? `table read locks as ${accounts[0]?.user}` : "none: no account known";
}

function protectionOf(inventory: Inventory, points: readonly RecoveryPoint[]): Protection {
  const ofCluster = points.filter((one) => one.cluster.uid === inventory.cluster.uid);
  const newest = ofCluster.find((point) =>
    inventory.namespaces.every((name) => point.namespaces.some((one) => one.name === name)),
  );
  const volumes = new Set(
    ofCluster.flatMap((point) => point.namespaces.flatMap((one) => one.volumes.map((each) => each.volume.id))),
  );
  const buckets = new Set(ofCluster.flatMap((point) => point.buckets.map((one) => one.id)));
  const neverCaptured = [
    ...inventory.volumes.filter((one) => !volumes.has(one.id)).map((one) => `volume ${one.id}`),
    ...inventory.buckets.filter((one) => !buckets.has(one.id)).map((one) => `bucket ${one.id}`),
  ];
  if (!newest) return { neverCaptured };
  const ageMs = Math.max(0, Date.parse(inventory.takenAt) - Date.parse(newest.completedAt));
  return {
    point: {
      id: newest.id,
      completedAt: newest.completedAt,
      ageMs,
      namespaces: newest.namespaces.map((one) => one.name),
    },
    neverCaptured,
  };
}
