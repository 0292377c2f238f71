import { formatDuration } from "../base/sizes.ts";
import { consistencyOf } from "../flow/consistency.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { planPath } from "../store/layout.ts";

/** What the status of a Backup or ClusterBackup says of its recovery point. Pure; the same after a run and after a sync. */
export function pointStatus(
  point: RecoveryPoint,
  target: { name: string; namespace: string },
): Record<string, unknown> {
  const plan = planPath(point.plan);
  const { grade, why } = consistencyOf(point);
  return {
    status: "Available",
    startTimestamp: point.startedAt,
    completionTimestamp: point.completedAt,
    duration: formatDuration(Date.parse(point.completedAt) - Date.parse(point.startedAt)),
    percentageCompletion: 100,
    size: point.size.added,
    totalSize: point.size.total,
    fence: { milliseconds: point.fence.milliseconds },
    consistency: { grade, why: why.slice(0, 1024) },
    findings: point.findings.slice(0, 50),
    point: {
      target: { name: target.name, namespace: target.namespace },
      cluster: point.cluster.uid,
      plan,
      id: point.id,
      namespaces: point.namespaces.map((one) => one.name),
      location: `points/${point.cluster.uid}/${plan}/${point.id}`,
    },
  };
}
