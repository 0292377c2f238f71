/** API groups of the pieces that AI platforms are made of. A namespace that holds an object of one of them holds AI work. */
const groups: ReadonlySet<string> = new Set([
  "aihub.opendatahub.io",
  "datasciencepipelinesapplications.opendatahub.io",
  "feast.dev",
  "kubeflow.org",
  "llamastack.io",
  "milvus.io",
  "mlflow.kubeflow.org",
  "mlflow.opendatahub.io",
  "modelregistry.opendatahub.io",
  "nim.opendatahub.io",
  "pipelines.kubeflow.org",
  "ray.io",
  "serving.kserve.io",
  "sparkoperator.k8s.io",
  "tensorboard.kubeflow.org",
  "trainer.kubeflow.org",
  "trustyai.opendatahub.io",
  "workload.codeflare.dev",
]);

/** Argo CD shares its group with Argo Workflows. */
const argoKinds: ReadonlySet<string> = new Set(["Workflow", "CronWorkflow", "WorkflowTemplate"]);

/** Is this a kind of an AI platform? */
export function isPlatformKind({ group, kind }: { readonly group: string; readonly kind: string }): boolean {
  return groups.has(group) || (group === "argoproj.io" && argoKinds.has(kind));
}
