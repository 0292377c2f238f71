import { formatDuration } from "../../base/sizes.ts";
import { someOf } from "../../base/some-of.ts";
import type { Fault, Protection, Report } from "./report.ts";

/** A point older than this protects yesterday's work, and not today's. */
const oldMs = 24 * 3600_000;

/** If the cluster died now: one sentence. */
export function verdictOf({ point, unread, neverCaptured }: Protection, faults: readonly Fault[]): Report["verdict"] {
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
  const missed = someOf(neverCaptured, 2);
  const also = [
    ...(missed ? [`all of ${missed}, which no recovery point holds`] : []),
    ...(beside ? [`beside that ${beside}`] : []),
  ];
  if (also.length > 0) {
    const text = missed ? `${changes}, and ${also.join("; ")}` : [changes, ...also].join("; ");
    return { level: lost > 0 || missed ? "bad" : "doubtful", text };
  }
  return { level: point.ageMs > oldMs ? "doubtful" : "good", text: `${changes}, and nothing else` };
}

function things(count: number): string {
  return count === 1 ? "1 thing" : `${count} things`;
}
