/** What a person asks about: where chains begin. Pure. */
import type { ChainRoot } from "../../flow/closure.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { type ObjectRef, refKey } from "../../flow/object.ts";
import type { PipelineRows, RegistryRows } from "../../flow/rows.ts";
import { artifactKey, definitionKey, pipelineKey, runKey, versionKey } from "./nodes.ts";

const rootKinds: Readonly<Record<string, ChainRoot["kind"]>> = {
  "InferenceService.serving.kserve.io": "endpoint",
  "InferenceGraph.serving.kserve.io": "endpoint",
  "TrainedModel.serving.kserve.io": "endpoint",
  "LLMInferenceService.serving.kserve.io": "endpoint",
  "RayService.ray.io": "endpoint",
  "Notebook.kubeflow.org": "workbench",
  "Workspace.kubeflow.org": "workbench",
  "DataSciencePipelinesApplication.datasciencepipelinesapplications.opendatahub.io": "pipeline",
  "PipelineVersion.pipelines.kubeflow.org": "pipeline",
  "Workflow.argoproj.io": "pipeline",
  "WorkflowTemplate.argoproj.io": "pipeline",
  "CronWorkflow.argoproj.io": "pipeline",
};

export function rootsOf(inventory: Inventory): readonly ChainRoot[] {
  return [
    ...inventory.objects.flatMap(({ ref }) => ofObject(ref)),
    ...(inventory.registries ?? []).flatMap(ofRegistry),
    ...(inventory.pipelines ?? []).flatMap(ofPipelines),
  ];
}

function ofObject(ref: ObjectRef): readonly ChainRoot[] {
  const kind = rootKinds[`${ref.kind}.${ref.group}`];
  return kind ? [{ kind, key: refKey(ref), name: `${ref.kind} ${ref.namespace}/${ref.name}`, ref }] : [];
}

function ofRegistry(rows: RegistryRows): readonly ChainRoot[] {
  const names = registryNames(rows);
  return Object.entries(names).map(([key, name]): ChainRoot => ({ kind: "version", key, name }));
}

function ofPipelines(rows: PipelineRows): readonly ChainRoot[] {
  return Object.entries(pipelineNames(rows)).map(([key, name]): ChainRoot => ({ kind: "pipeline", key, name }));
}

/** Everything that is a row, by its key. */
export function rowNames({ registries = [], pipelines = [] }: Inventory): Readonly<Record<string, string>> {
  const of = [
    ...registries.map(registryNames),
    ...pipelines.flatMap((rows) => [
      pipelineNames(rows),
      Object.fromEntries(
        rows.versions.map((one) => [definitionKey(rows, one.id), `definition of pipeline ${one.pipeline} ${one.name}`]),
      ),
      Object.fromEntries(rows.runs.map((one) => [runKey(rows, one.id), `run ${one.name || one.id}`])),
    ]),
  ];
  return Object.assign({}, ...of);
}

function registryNames(rows: RegistryRows): Record<string, string> {
  return Object.fromEntries([
    ...rows.versions.map((one) => [
      versionKey(rows, one.id),
      `version ${one.name} of model ${one.model} in ModelRegistry ${rows.registry}`,
    ]),
    ...rows.apart.map((one) => [artifactKey(rows, one.id), `artifact ${one.name} in ModelRegistry ${rows.registry}`]),
  ]);
}

function pipelineNames(rows: PipelineRows): Record<string, string> {
  const known = new Set(rows.versions.map(({ id }) => id));
  const hasOthers = rows.runs.some(({ version }) => !version || !known.has(version));
  const own = rows.versions.map((one) => {
    const place = one.namespace ? ` in ${one.namespace}` : "";
    return [pipelineKey(rows, one.id), `version ${one.name} of pipeline ${one.pipeline}${place}`];
  });
  const others = [pipelineKey(rows, ""), `runs of no known pipeline in database ${rows.database}`];
  return Object.fromEntries(hasOthers ? [...own, others] : own);
}
