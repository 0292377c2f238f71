import { amountOf } from "../../base/quantity.ts";
import type { KubeObject } from "../../flow/object.ts";
import { type PodSpec, podSpecsOf } from "../../profiles/pod-spec.ts";

/** Pods that an object brings, by itself or by its controller. */
export interface Pods {
  readonly specs: readonly PodSpec[];
  /** Pods that run at once as soon as it is back; 0 where that cannot be told, or nothing runs. */
  readonly replicas: number;
}

export function podsOf(object: KubeObject): Pods | undefined {
  const specs = specsOf(object);
  return specs.length > 0 ? { specs, replicas: replicasOf(object) } : undefined;
}

function specsOf(object: KubeObject): readonly PodSpec[] {
  const specs = podSpecsOf(object);
  const predictor = object.kind === "InferenceService" ? object.spec?.predictor : undefined;
  return predictor?.model && !predictor.containers ? [...specs, predictor] : specs;
}

function replicasOf(object: KubeObject): number {
  const { spec = {}, kind } = object;
  switch (kind) {
    case "Pod":
      return 1;
    case "Deployment":
    case "StatefulSet":
    case "ReplicaSet":
    case "ReplicationController":
      return spec.replicas ?? 1;
    case "Job":
      return spec.suspend ? 0 : (spec.parallelism ?? 1);
    case "Notebook":
      return object.metadata.annotations?.["kubeflow-resource-stopped"] ? 0 : 1;
    case "InferenceService":
      return spec.predictor?.minReplicas ?? 1;
    default:
      return 0;
  }
}

/** Containers with resources: those that run side by side, and those that run before them. */
export function runningContainers(spec: PodSpec): readonly Record<string, any>[] {
  const sidecars = (spec.initContainers ?? []).filter((one: any) => one.restartPolicy === "Always");
  return [...sidecars, ...(spec.containers ?? []), ...(spec.model ? [spec.model] : [])];
}

export function allContainers(spec: PodSpec): readonly Record<string, any>[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.model ? [spec.model] : [])];
}

/** What one pod of a spec asks for: "cpu", "memory", "nvidia.com/gpu", ... A limit without request is a request. */
export function requestsOf(spec: PodSpec, field: "requests" | "limits" = "requests"): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  const add = (resource: string, amount: number) => sum.set(resource, (sum.get(resource) ?? 0) + amount);
  for (const container of runningContainers(spec)) {
    for (const [resource, amount] of asks(container, field)) add(resource, amount);
  }
  for (const container of spec.initContainers ?? []) {
    for (const [resource, amount] of asks(container, field)) {
      sum.set(resource, Math.max(sum.get(resource) ?? 0, amount));
    }
  }
  if (field === "requests") {
    for (const [resource, quantity] of Object.entries(spec.overhead ?? {})) add(resource, amountOf(quantity) ?? 0);
  }
  return sum;
}

function asks(container: Record<string, any>, field: "requests" | "limits"): [string, number][] {
  const { limits = {}, requests = {} } = container.resources ?? {};
  const wanted: Record<string, unknown> = field === "requests" ? { ...limits, ...requests } : limits;
  return Object.entries(wanted).flatMap(([resource, quantity]) => {
    const amount = amountOf(quantity);
    return amount === undefined ? [] : [[resource, amount] as [string, number]];
  });
}
