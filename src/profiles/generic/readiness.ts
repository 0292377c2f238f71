import type { KubeObject } from "../../flow/object.ts";
import { isKind, kinds } from "../kinds.ts";
import type { Readiness } from "../profile.ts";

/** A condition as most kinds have it. "unknown" where it is not there. */
export function condition(object: KubeObject, type: string): Readiness {
  const conditions: unknown = object.status?.conditions; // some operators keep a map there
  const found = Array.isArray(conditions) ? conditions.find((one) => one?.type === type) : undefined;
  if (!found || isStale(object)) return found ? "not" : "unknown";
  return found.status === "True" ? "ready" : "not";
}

/** The controller has not yet looked at the newest spec. */
function isStale(object: KubeObject): boolean {
  const seen = object.status?.observedGeneration;
  return (
    typeof seen === "number" && typeof object.metadata.generation === "number" && seen < object.metadata.generation
  );
}

export function genericReadiness(object: KubeObject): Readiness | undefined {
  if (isKind(object, kinds.deployment) || isKind(object, kinds.statefulSet)) return replicas(object);
  if (isKind(object, kinds.daemonSet)) {
    if (isStale(object) || !object.status) return "not";
    return (object.status.numberReady ?? 0) >= (object.status.desiredNumberScheduled ?? 0) ? "ready" : "not";
  }
  if (isKind(object, kinds.pod)) return object.status?.phase === "Succeeded" ? "ready" : condition(object, "Ready");
  if (isKind(object, kinds.claim)) return object.status?.phase === "Bound" ? "ready" : "not";
  if (isKind(object, kinds.job)) {
    if (object.spec?.suspend) return "ready";
    return condition(object, "Complete");
  }
  return undefined;
}

/** For a workload with replicas: all that are wanted are there and serve, by the newest spec. */
function replicas(workload: KubeObject): Readiness {
  const wanted = workload.spec?.replicas ?? 1;
  const { status } = workload;
  if (!status || isStale(workload)) return "not";
  const updated = status.updatedReplicas ?? status.currentReplicas ?? 0;
  const serving = status.availableReplicas ?? status.readyReplicas ?? 0;
  return serving >= wanted && (wanted === 0 || updated >= wanted) ? "ready" : "not";
}

/** Custom resources of kinds that no profile knows: what their own conditions say. */
export function anyReadiness(object: KubeObject): Readiness {
  const ready = condition(object, "Ready");
  return ready === "unknown" ? condition(object, "Available") : ready;
}
