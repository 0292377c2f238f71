/** What is here, line by line. */
import { engineFacts } from "../../flow/database-engine.ts";
import type { Database, Inventory } from "../../flow/inventory.ts";
import { type KubeObject, refKey, refOf } from "../../flow/object.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import { hubModelsOf } from "../../profiles/hub-models.ts";
import { readinessOf } from "../../profiles/index.ts";
import { componentsOf, modelsOf, storageUrisOf } from "../../profiles/kserve.ts";
import type { ObjectSet } from "../../profiles/object-set.ts";
import { pipelineServer } from "../../profiles/pipelines.ts";
import { claimsOf, podSpecsOf } from "../../profiles/pod-spec.ts";
import { workspaceOf } from "../../profiles/workspace.ts";
import { readingOf } from "../findings/volumes.ts";
import { jobsOf } from "./jobs.ts";
import type { BucketSize, Endpoint, Report } from "./report.ts";

type Assets = Pick<
  Report,
  "endpoints" | "registries" | "pipelines" | "workbenches" | "jobs" | "databases" | "volumes" | "buckets"
>;

const notAsked: BucketSize = { notListed: "not asked" };

/** `points`: newest first. */
export function assetsOf(
  inventory: Inventory,
  all: ObjectSet,
  points: readonly RecoveryPoint[],
  sizes: ReadonlyMap<string, BucketSize>,
): Assets {
  const saved = savedTimes(points);
  const savedAt = (kind: string, id: string) => {
    const time = saved.get(`${kind} ${id}`);
    return time ? { savedAt: time } : {};
  };
  return {
    endpoints: [
      ...all.ofKind("serving.kserve.io", "InferenceService").map((one) => endpointOf(one, inventory)),
      ...all.ofKind("serving.kserve.io", "LLMInferenceService").map(llmEndpoint),
    ],
    registries: all
      .ofKind("modelregistry.opendatahub.io", "ModelRegistry")
      .map((one) => ({ name: nameOf(one), database: databaseOf(one), state: readinessOf(one) })),
    pipelines: all
      .ofKind(pipelineServer.group, pipelineServer.kind)
      .map((one) => ({ name: nameOf(one), state: readinessOf(one) })),
    workbenches: [
      ...all.ofKind("kubeflow.org", "Notebook").map(workbenchOf),
      ...all.ofKind(workspaceOf.group, workspaceOf.kind).map(workspaceLine),
    ],
    jobs: jobsOf(all),
    databases: inventory.databases.map((one) => ({
      id: one.id,
      engine: one.engine,
      databases: one.databases,
      hold: holdOf(one),
      volumes: one.volumes,
      ...savedAt("database", placeOf(one)),
    })),
    volumes: inventory.volumes.map((one) => ({
      id: one.id,
      size: one.capacity,
      storageClass: one.storageClass,
      reading: readingOf(one),
      usedBy: one.usedBy?.pod ?? "",
      ...savedAt("volume", one.id),
    })),
    buckets: inventory.buckets.map((one) => ({
      id: one.id,
      claim: one.claim ? `${one.claim.namespace}/${one.claim.name}` : "",
      prefixes: one.prefixes.map((each) => each.prefix),
      size: sizes.get(one.id) ?? notAsked,
      ...savedAt("bucket", one.id),
    })),
  };
}

/** "volume <id>", "bucket <id>", "database <place>" -> the end of the newest point that holds it. */
function savedTimes(points: readonly RecoveryPoint[]): ReadonlyMap<string, string> {
  const times = new Map<string, string>();
  for (const { completedAt, namespaces, buckets, databases } of [...points].reverse()) {
    for (const { volumes } of namespaces) for (const one of volumes) times.set(`volume ${one.volume.id}`, completedAt);
    for (const one of buckets) times.set(`bucket ${one.id}`, completedAt);
    for (const one of databases ?? []) times.set(`database ${placeOf(one)}`, completedAt);
  }
  return times;
}

/** Its pod has another name after each rollout; its volumes stay. */
function placeOf({ id, volumes }: { readonly id: string; readonly volumes: readonly string[] }): string {
  return volumes.length > 0 ? [...volumes].sort().join(" ") : id;
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

function llmEndpoint(service: KubeObject): Endpoint {
  const { model } = service.spec ?? {};
  return {
    name: nameOf(service),
    format: "LLM",
    runtime: model?.name ?? "",
    weights: model?.uri ?? "",
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
  return storageUrisOf(service)[0] ?? hubModelsOf(service)[0]?.text ?? "";
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

function workspaceLine(workspace: KubeObject): Report["workbenches"][number] {
  const { paused, podTemplate } = workspace.spec ?? {};
  const { home, data = [] } = podTemplate?.volumes ?? {};
  return {
    name: nameOf(workspace),
    volumes: [...(home ? [home] : []), ...data.map((one: { pvcName: string }) => one.pvcName)],
    state: paused ? "stopped" : readinessOf(workspace),
  };
}

function holdOf({ engine, accounts }: Database): string {
  const facts = engineFacts(engine);
  if (facts?.hold === "journal") return `cut in one moment, repaired from ${facts.journal}`;
  if (accounts.some((one) => one.user === "root")) return "global read lock";
  return accounts.length > 0 ? `table read locks as ${accounts[0]?.user}` : "none: no account known";
}
