import type { LabObject } from "../../kube/object.ts";

/** A status condition. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/**
 * The conditions with one of them set. The time changes only with the status, and undefined means that nothing changed, so that a
 * controller does not wake itself.
 */
export function withCondition(object: LabObject, next: Condition, now = new Date()): object[] | undefined {
  const all: (Condition & { lastTransitionTime?: string })[] = object["status"]?.conditions ?? [];
  const old = all.find((condition) => condition.type === next.type);
  const same = old?.status === next.status && old.reason === next.reason && old.message === next.message;
  if (same) return undefined;
  const time = old?.status === next.status ? old.lastTransitionTime : `${now.toISOString().slice(0, 19)}Z`;
  return [...all.filter((condition) => condition.type !== next.type), { ...next, lastTransitionTime: time }];
}
