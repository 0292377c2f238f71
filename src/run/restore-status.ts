import type { Outcome, RestoreReport } from "../flow/restore-plan.ts";

/** What the status of a Restore or ClusterRestore says of its report. Lists are bounded: a status is no log. Pure. */
export function restoreStatus(report: RestoreReport) {
  const named = (result: string) => report.outcomes.filter((one) => one.result === result);
  const line = (one: Outcome) =>
    `${one.ref.kind} ${one.ref.namespace ? `${one.ref.namespace}/` : ""}${one.ref.name}: ${one.reason}`;
  return {
    outcomes: {
      created: named("created").length,
      updated: named("updated").length,
      unchanged: named("unchanged").length,
      skipped: named("skipped").length,
      failed: named("failed").length,
    },
    volumes: report.volumes.map((one) => ({ ...one })),
    buckets: report.buckets.map((one) => ({ ...one })),
    rewrites: report.rewrites.slice(0, 100),
    failedResources: named("failed").slice(0, 100).map(line),
    skippedResources: named("skipped").slice(0, 200).map(line),
    failedData: [...report.volumes, ...report.buckets]
      .filter((one) => one.result === "failed")
      .map((one) => `${one.id}: ${one.reason}`),
    size: [...report.volumes, ...report.buckets].reduce((sum, one) => sum + one.bytes, 0),
  };
}
