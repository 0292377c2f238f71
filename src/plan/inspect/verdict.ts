import { formatDuration } from "../../base/sizes.ts";
import type { Fault, Protection, Report } from "./report.ts";

/** A point older than this protects yesterday's work, and not today's. */
const oldMs = 24 * 3600_000;

/** If the cluster died now: one sentence. */
export function verdictOf({ point, unread }: Protection, faults: readonly Fault[]): Report["verdict"] {
  const lost = faults.filter((one) => one.loss === "lost").length;
  const rest = faults.length - lost;
  const beside = [
    ...(lost > 0 ? [`${things(lost)} would be lost for good`] : []),
    ...(rest > 0 ? [`${things(rest)} would come back broken or in doubt`] : []),
  ].join(", and ");
  if (!point) {
    const all = unread
      ? "it is not known what would be left: the recovery points could not be read"
      : "everything would be lost: no recovery point holds it";
    return { level: "bad", text: beside ? `${all}; and with a backup ${beside}` : all };
  }
  const changes = `the changes of the last ${formatDuration(point.ageMs)} would be lost`;
  if (faults.length === 0)
    return { level: point.ageMs > oldMs ? "doubtful" : "good", text: `${changes}, and nothing else` };
  return { level: lost > 0 ? "bad" : "doubtful", text: `${changes}, ${beside}` };
}

function things(count: number): string {
  return count === 1 ? "1 thing" : `${count} things`;
}
