import type { Finding } from "../base/finding.ts";
import type { Inventory } from "../flow/inventory.ts";
import { type KubeObject, refKey, refOf } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { notRestored, readinessOf } from "../profiles/index.ts";
import { componentsOf, modelsOf, storageUrisOf } from "../profiles/kserve.ts";
import { objectSet } from "../profiles/object-set.ts";
import { claimsOf, podSpecsOf } from "../profiles/pod-spec.ts";
import type { Readiness } from "../profiles/profile.ts";
import { findingsOf } from "./findings/index.ts";
import { readingOf } from "./findings/volumes.ts";

/** What `holdfast inspect` says. Plain data: `-o json|yaml` prints it as it is, inspect-text.ts for people. */
export interface Report {
  readonly cluster: { readonly uid: string; readonly version: string };
  readonly namespaces: readonly string[];
  readonly takenAt: string;
  readonly endpoints: readonly Endpoint[];
  readonly registries: readonly { readonly name: string; readonly database: string; readonly state: Readiness }[];
  readonly workbenches: readonly { readonly name: string; readonly volumes: readonly string[]; readonly state: Readiness | "stopped" }[];
  readonly databases: readonly { readonly id: string; readonly engine: string; readonly databases: readonly string[]; readonly hold: string; readonly volumes: readonly string[] }[];
  readonly volumes: readonly VolumeLine[];
  readonly buckets: readonly BucketLine[];
  readonly objects: { readonly total: number; readonly kinds: number; readonly restored: number; readonly leftToControllers: number; readonly clusterScoped: number };
  readonly protection: Protection;
  readonly findings: readonly Finding[];
}

export interface Endpoint {
  readonly name: string; // "rhoai-demo/iris"
  readonly format: string; // "sklearn"
  readonly runtime: string;
  readonly weights: string; // "bucket/prefix", a URI, or ""
  readonly url: string;
  readonly state: Readiness;
}

export interface VolumeLine {
  readonly id: string;
  readonly size: number;
  readonly storageClass: string;
  readonly reading: "snapshot" | "live" | "none";
  readonly usedBy: string;
}

export interface BucketLine {
  readonly id: string;
  readonly claim: string;
  readonly prefixes: readonly string[]; // [""] is the whole bucket
}

/** What a disaster would take now. */
export interface Protection {
  readonly point?: { readonly id: string; readonly completedAt: string; readonly ageMs: number; readonly namespaces: readonly string[] };
  /** Volumes, buckets and databases that no recovery point holds. */
  readonly neverCaptured: readonly string[];
}

/** Pure. `points`: newest first, as far as a target is known. */
export function inspect(inventory: Inventory, points: readonly RecoveryPoint[] = []): Report {
  const all = objectSet(inventory.objects.map((one) => one.object));
  const inScope = inventory.objects.filter((one) => one.ref.namespace !== undefined);
  const left = inScope.filter(({ object }) => notRestored(object, all)).length;
  return {
    cluster: inventory.cluster,
    namespaces: inventory.namespaces,
    takenAt: inventory.takenAt,
    endpoints: all.ofKind("serving.kserve.io", "InferenceService").map((one) => endpointOf(one, inventory)),
    registries: all.ofKind("modelregistry.opendatahub.io", "ModelRegistry").map((one) => ({ name: nameOf(one), database: databaseOf(one), state: readinessOf(one) })),
    workbenches: all.ofKind("kubeflow.org", "Notebook").map(workbenchOf),
    databases: inventory.databases.map((one) => ({ id: one.id, engine: one.engine, databases: one.databases, hold: holdOf(one.accounts), volumes: one.volumes })),
    volumes: inventory.volumes.map((one) => ({ id: one.id, size: one.capacity, storageClass: one.storageClass, reading: readingOf(one), usedBy: one.usedBy?.pod ?? "" })),
    buckets: inventory.buckets.map((one) => ({ id: one.id, claim: one.claim ? `${one.claim.namespace}/${one.claim.name}` : "", prefixes: one.prefixes.map((each) => each.prefix) })),
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
  const runtime = model?.runtime ?? service.status?.servingRuntimeName ?? service.status?.clusterServingRuntimeName ?? "";
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
  const bucket = inventory.buckets.find((one) => inventory.edges.some((edge) => edge.from === from && edge.to === one.id));
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
  return { name: nameOf(notebook), volumes: podSpecsOf(notebook).flatMap(claimsOf), state: stopped ? "stopped" : readinessOf(notebook) };
}

function holdOf(accounts: Inventory["databases"][number]["accounts"]): string {
  if (accounts.some((one) => one.user === "root")) return "global read lock";
  return accounts.length > 0 ? `table read locks as ${accounts[0]?.user}` : "none: no account known";
}

function protectionOf(inventory: Inventory, points: readonly RecoveryPoint[]): Protection {
  const ofCluster = points.filter((one) => one.cluster.uid === inventory.cluster.uid);
  const newest = ofCluster.find((point) => inventory.namespaces.every((name) => point.namespaces.some((one) => one.name === name)));
  const volumes = new Set(ofCluster.flatMap((point) => point.namespaces.flatMap((one) => one.volumes.map((each) => each.volume.id))));
  const buckets = new Set(ofCluster.flatMap((point) => point.buckets.map((one) => one.id)));
  const neverCaptured = [
    ...inventory.volumes.filter((one) => !volumes.has(one.id)).map((one) => `volume ${one.id}`),
    ...inventory.buckets.filter((one) => !buckets.has(one.id)).map((one) => `bucket ${one.id}`),
  ];
  if (!newest) return { neverCaptured };
  const ageMs = Math.max(0, Date.parse(inventory.takenAt) - Date.parse(newest.completedAt));
  return { point: { id: newest.id, completedAt: newest.completedAt, ageMs, namespaces: newest.namespaces.map((one) => one.name) }, neverCaptured };
}
