/** How workloads of each kind are stopped and started again: one field, the value that stops, and what it was before. */
import type { KubeObject } from "../flow/object.ts";
import { isKind, kinds } from "./kinds.ts";
import type { GroupKind } from "./profile.ts";
import { workspaceOf } from "./workspace.ts";

interface StopRule {
  readonly kind: GroupKind;
  /** Where the field is. */
  readonly path: readonly string[];
  /** Its value in a stopped workload. `now` is for those that note when they were stopped. */
  readonly stopped: (now: string) => unknown;
  readonly isStopped: (value: unknown) => boolean;
}

const replicas = (kind: GroupKind): StopRule => ({
  kind,
  path: ["spec", "replicas"],
  stopped: () => 0,
  isStopped: (value) => value === 0,
});
const suspend = (group: string, kind: string, ...path: string[]): StopRule => ({
  kind: { group, kind },
  path: ["spec", ...path, "suspend"],
  stopped: () => true,
  isStopped: (value) => value === true,
});

export const stopRules: readonly StopRule[] = [
  {
    kind: kinds.notebook,
    path: ["metadata", "annotations", "kubeflow-resource-stopped"],
    stopped: (now) => now,
    isStopped: (value) => typeof value === "string" && value !== "",
  },
  {
    kind: kinds.inferenceService,
    path: ["metadata", "annotations", "serving.kserve.io/stop"],
    stopped: () => "true",
    isStopped: (value) => value === "true",
  },
  {
    kind: workspaceOf,
    path: ["spec", "paused"],
    stopped: () => true,
    isStopped: (value) => value === true,
  },
  replicas(kinds.deployment),
  replicas(kinds.statefulSet),
  replicas(kinds.replicaSet),
  replicas({ group: "", kind: "ReplicationController" }),
  replicas({ group: "apps.openshift.io", kind: "DeploymentConfig" }),
  suspend("batch", "Job"),
  suspend("batch", "CronJob"),
  suspend("ray.io", "RayCluster"),
  suspend("ray.io", "RayJob"),
  suspend("ray.io", "RayCronJob"),
  suspend("trainer.kubeflow.org", "TrainJob"),
  suspend("jobset.x-k8s.io", "JobSet"),
  suspend("trustyai.opendatahub.io", "LMEvalJob"),
  suspend("sparkoperator.k8s.io", "SparkApplication"),
  suspend("sparkoperator.k8s.io", "ScheduledSparkApplication"),
  suspend("workload.codeflare.dev", "AppWrapper"),
  suspend("argoproj.io", "Workflow"),
  suspend("argoproj.io", "CronWorkflow"),
  ...["PyTorchJob", "TFJob", "MPIJob", "XGBoostJob", "PaddleJob", "JAXJob"].map((kind) =>
    suspend("kubeflow.org", kind, "runPolicy"),
  ),
];

export function stopRuleOf(object: KubeObject): StopRule | undefined {
  return stopRules.find((one) => isKind(object, one.kind));
}

export function valueAt(object: KubeObject, path: readonly string[]): unknown {
  let value: any = object;
  for (const key of path) value = value?.[key];
  return value;
}

/** A merge patch that sets one field; null takes it away. */
export function patchAt(path: readonly string[], value: unknown): Record<string, any> {
  const [head = "", ...rest] = path;
  return { [head]: rest.length === 0 ? value : patchAt(rest, value) };
}
