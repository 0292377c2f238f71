import type { Inventory } from "../../flow/inventory.ts";
import type { Known, KnownPoint, PlanLine, Protection } from "./report.ts";

/** What protects these namespaces: plans, the newest point that holds them all, and what no point holds. */
export function protectionOf(inventory: Inventory, { points = [], plans = [], unread }: Known): Protection {
  const ofCluster = points.filter((one) => one.cluster === inventory.cluster.uid);
  const planned = new Set(plans.flatMap((one) => one.namespaces));
  const newest = ofCluster.find((one) => inventory.namespaces.every((name) => one.namespaces.includes(name)));
  return {
    plans,
    ...(newest ? { point: pointLine(newest, inventory.takenAt) } : {}),
    unplanned: inventory.namespaces.filter((name) => !planned.has(name)),
    neverCaptured: neverCaptured(inventory, ofCluster),
    ...(unread ? { unread } : {}),
    command: commandOf(inventory.namespaces, plans),
  };
}

function pointLine(
  { id, completedAt, namespaces, target, grade, findings }: KnownPoint,
  now: string,
): NonNullable<Protection["point"]> {
  const ageMs = Math.max(0, Date.parse(now) - Date.parse(completedAt));
  return { id, completedAt, ageMs, namespaces, target, findings, ...(grade ? { grade } : {}) };
}

/** By the manifests that could be read; where there are points and none of them could be, nothing is said. */
function neverCaptured(inventory: Inventory, points: readonly KnownPoint[]): readonly string[] {
  if (points.length > 0 && points.every((one) => !one.point)) return [];
  const held = new Set(
    points.flatMap(({ point }) => [
      ...(point?.namespaces ?? []).flatMap((one) => one.volumes.map((each) => `volume ${each.volume.id}`)),
      ...(point?.buckets ?? []).map((one) => `bucket ${one.id}`),
    ]),
  );
  return [
    ...inventory.volumes.map((one) => `volume ${one.id}`),
    ...inventory.buckets.map((one) => `bucket ${one.id}`),
  ].filter((one) => !held.has(one));
}

/** By a plan that takes them all, where there is one; else without an operator. */
function commandOf(namespaces: readonly string[], plans: readonly PlanLine[]): string {
  const plan = plans.find((one) => namespaces.every((name) => one.namespaces.includes(name)));
  if (plan) return `holdfast backup ${plan.name} --follow`;
  return `holdfast backup -n ${namespaces.join(",")} --to ./holdfast-backups`;
}
