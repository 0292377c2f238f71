/** What rows add to the edges of the objects: versions, their artifacts and runs, pipelines. Pure. */
import type { Edge, Inventory } from "../../flow/inventory.ts";
import { refKey, refOf } from "../../flow/object.ts";
import type { ArtifactSource, PipelineRows, RegisteredArtifact, RegistryRows } from "../../flow/rows.ts";
import { kinds } from "../../profiles/kinds.ts";
import { objectSetOf } from "../../profiles/object-set.ts";
import { valuesAt } from "../../profiles/paths.ts";
import { artifactKey, definitionKey, pipelineKey, runKey, versionKey } from "./nodes.ts";
import { placesOf } from "./places.ts";

export function rowEdges(inventory: Inventory): readonly Edge[] {
  const { registries = [], pipelines = [] } = inventory;
  return [
    ...registries.flatMap((rows) => registryEdges(rows, inventory)),
    ...pipelines.flatMap((rows) => pipelineEdges(rows, inventory)),
    ...versionLabels(inventory),
    ...registryUris(inventory),
    ...workflowArtifacts(inventory),
  ];
}

function registryEdges(rows: RegistryRows, inventory: Inventory): readonly Edge[] {
  const [namespace = "", name = ""] = rows.registry.split("/");
  const registry = refKey({ ...kinds.modelRegistry, namespace, name });
  const row = (from: string): Edge => ({ from, to: registry, kind: "stores", rule: "registry.row" });
  return [
    ...rows.versions.flatMap((version) => {
      const from = versionKey(rows, version.id);
      return [row(from), ...version.artifacts.flatMap((one) => artifactEdges(from, one, inventory))];
    }),
    ...rows.apart.flatMap((one) => {
      const from = artifactKey(rows, one.id);
      return [row(from), ...artifactEdges(from, one, inventory)];
    }),
  ];
}

/** By its own word the artifact is not there yet, or no longer. */
const notThere = new Set(["PENDING", "MARKED_FOR_DELETION", "DELETED", "ABANDONED"]);

function artifactEdges(from: string, artifact: RegisteredArtifact, inventory: Inventory): readonly Edge[] {
  const { uri, storageKey, storagePath = "", source } = artifact;
  if (notThere.has(artifact.state)) return [];
  const own = uri
    ? placesOf(uri, undefined, inventory).map(
        (place): Edge => ({ from, kind: "reads", rule: "registry.artifact.uri", ...place }),
      )
    : inventory.buckets
        .filter((bucket) => storageKey !== undefined && bucket.credentials.secret === storageKey)
        .map(
          (bucket): Edge => ({
            from,
            to: bucket.id,
            kind: "reads",
            rule: "registry.artifact.storageKey",
            part: storagePath,
          }),
        );
  return [...own, ...(source ? sourceEdges(from, source, inventory) : [])];
}

/** The run or the workbench that made it. Ids are those of the pipeline server's rows. */
function sourceEdges(from: string, { kind, group, id, name }: ArtifactSource, inventory: Inventory): readonly Edge[] {
  const rule = "registry.artifact.modelSource";
  if (kind === "notebook" && group && name) {
    const to = refKey({ ...kinds.notebook, namespace: group, name });
    return [{ from, to, kind: "needs", rule }];
  }
  return (inventory.pipelines ?? []).flatMap((rows) =>
    id && rows.runs.some((run) => run.id === id) ? [{ from, to: runKey(rows, id), kind: "needs" as const, rule }] : [],
  );
}

function pipelineEdges(rows: PipelineRows, inventory: Inventory): readonly Edge[] {
  const known = new Set(rows.versions.map(({ id }) => id));
  const places = (from: string, uri: string, namespace: string | undefined, rule: string) =>
    placesOf(uri, namespace, inventory).map((place): Edge => ({ from, kind: "reads", rule, ...place }));
  return [
    ...rows.versions.flatMap((version): readonly Edge[] => {
      const from = definitionKey(rows, version.id);
      return [
        { from: pipelineKey(rows, version.id), to: from, kind: "needs", rule: "pipelineVersion.spec" },
        ...version.images.map(
          (image): Edge => ({ from, to: `image:${image}`, kind: "needs", rule: "pipelineVersion.executors.image" }),
        ),
        ...version.uris.flatMap((uri) => places(from, uri, version.namespace, "pipelineVersion.spec.uri")),
      ];
    }),
    ...rows.runs.flatMap((run): readonly Edge[] => {
      const from = runKey(rows, run.id);
      const version = run.version && known.has(run.version) ? run.version : "";
      return [
        { from: pipelineKey(rows, version), to: from, kind: "stores", rule: "pipeline.run" },
        ...(version
          ? [{ from, to: definitionKey(rows, version), kind: "needs" as const, rule: "run.pipelineVersion" }]
          : []),
        ...run.artifacts.flatMap(({ uri }) => places(from, uri, run.namespace, "run.artifact.uri")),
      ];
    }),
  ];
}

const labelPrefixes = ["modelregistry.opendatahub.io", "modelregistry.kubeflow.org"];

/** An endpoint says by labels which registered version it serves. Ids mean something only in a registry that answered. */
function versionLabels(inventory: Inventory): readonly Edge[] {
  const { registries = [], objects } = inventory;
  if (registries.length === 0) return [];
  const endpoints = ["InferenceService", "LLMInferenceService"].flatMap((kind) => [
    ...objectSetOf(objects).ofKind("serving.kserve.io", kind),
  ]);
  return endpoints.flatMap((endpoint): readonly Edge[] => {
    const { labels = {} } = endpoint.metadata;
    const from = refKey(refOf(endpoint));
    return labelPrefixes.flatMap((prefix) => {
      const id = labels[`${prefix}/model-version-id`];
      const registry = labels[`${prefix}/name`];
      const home = labels[`${prefix}/namespace`];
      const fits = registries.filter(
        (rows) =>
          (!registry || rows.registry.endsWith(`/${registry}`)) && (!home || rows.registry.startsWith(`${home}/`)),
      );
      if (!id || fits.length !== 1) return [];
      return [{ from, to: versionKey(fits[0]!, id), kind: "needs" as const, rule: "labels.model-version-id" }];
    });
  });
}

/** model-registry:// means a version, whose artifact says where the bytes are. */
function registryUris(inventory: Inventory): readonly Edge[] {
  return inventory.edges.flatMap((edge) => {
    if (!edge.to.startsWith("uri:model-registry://")) return [];
    return placesOf(edge.to.slice("uri:".length), undefined, inventory).flatMap((place) =>
      place.to === edge.to ? [] : [{ ...edge, ...place }],
    );
  });
}

/** What the steps of Argo's runs left in a bucket: the artifact names it, or the repository that the run was given. */
function workflowArtifacts(inventory: Inventory): readonly Edge[] {
  return objectSetOf(inventory.objects)
    .ofKind("argoproj.io", "Workflow")
    .flatMap((workflow): readonly Edge[] => {
      const { namespace } = workflow.metadata;
      const usual = workflow.status?.artifactRepositoryRef?.artifactRepository?.s3?.bucket;
      const places = valuesAt(workflow, "status.nodes{*}.outputs.artifacts[*].s3").flatMap((s3: any) => {
        const bucket = s3.bucket ?? usual;
        return bucket && s3.key ? placesOf(`s3://${bucket}/${s3.key}`, namespace, inventory) : [];
      });
      const from = refKey(refOf(workflow));
      return places.map((place): Edge => ({ from, kind: "stores", rule: "workflow.outputs.artifacts", ...place }));
    });
}
