import type { KubeObject } from "../../flow/object.ts";
import { type PodSpec, podSpecsOf } from "../../profiles/pod-spec.ts";
import type { Decided } from "../restore-decided.ts";
import { amountOf } from "./quantity.ts";

/** A planned object that brings pods, with the specs of these. */
export interface Workload {
  readonly one: Decided;
  readonly object: KubeObject;
  readonly namespace: string;
  readonly specs: readonly PodSpec[];
  /** Pods that run at once as soon as it is back; 0 where that cannot be told, or nothing runs. */
  readonly replicas: number;
}

const asked = new WeakMap<readonly Decided[], readonly Workload[]>();

/** All that bring pods. Every check asks, so the answer is kept with the decisions. */
export function workloadsOf(decided: readonly Decided[]): readonly Workload[] {
  const known = asked.get(decided);
  if (known) return known;
  const found = decided.flatMap((one): Workload[] => {
    const object = one.planned;
    if (!object) return [];
    const specs = specsOf(object);
    if (specs.length === 0) return [];
    return [{ one, object, specs, namespace: one.component.restoreNamespace, replicas: replicasOf(object) }];
  });
  asked.set(decided, found);
  return found;
}

const lightKinds = new Set(["Secret", "ConfigMap", "Service", "ServiceAccount", "Role", "RoleBinding"]);

function specsOf(object: KubeObject): readonly PodSpec[] {
  if (lightKinds.has(object.kind)) return [];
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
