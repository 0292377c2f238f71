/** Weights and checkpoints of a point as lines for people. Pure. */
import { formatBytes } from "../base/sizes.ts";
import { checkpointName, type Contents, goodCheckpoint, type TrainingRun, type Weights } from "../flow/contents.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";

/** Shown of each volume or bucket; the rest is counted. */
const most = 8;

export function contentLines({ namespaces, buckets }: RecoveryPoint): readonly string[] {
  const volumes = namespaces.flatMap((one) => one.volumes);
  return [
    ...volumes.flatMap(({ volume, contents }) => linesOf(volume.id, contents)),
    ...buckets.flatMap(({ bucket, contents }) => linesOf(`bucket ${bucket}`, contents)),
  ];
}

function linesOf(place: string, contents: Contents | undefined): readonly string[] {
  if (!contents) return [];
  const { weights, runs, more = {}, unread } = contents;
  const lines = [...runs.map(runLine), ...weights.map(weightsLine)];
  const hidden = Math.max(0, lines.length - most) + (more.runs ?? 0) + (more.weights ?? 0);
  return [
    ...lines.slice(0, most).map((line) => `${place.padEnd(44)} ${line}`),
    ...(hidden > 0 ? [`${place.padEnd(44)} and ${hidden} more`] : []),
    ...(unread ? [`${place.padEnd(44)} not looked into: ${unread}`] : []),
  ];
}

function runLine(run: TrainingRun): string {
  const [newest] = run.checkpoints;
  const good = goodCheckpoint(run);
  const count = run.checkpoints.length + (run.more ?? 0);
  const best = good ? `${checkpointName(good)} of ${good.at} is complete` : "none is known to be complete";
  const torn =
    newest && newest !== good ? `; the newest, ${checkpointName(newest)}: ${newest.why ?? newest.state}` : "";
  return `${run.framework}, ${count} checkpoint${count === 1 ? "" : "s"} in ${run.directory || "its root"}: ${best}${torn}`;
}

function weightsLine({ path, format, state, why, bytes, tensors, parameters, runsCode }: Weights): string {
  const counted = parameters ? `, ${tensors} tensors, ${countText(parameters)} parameters` : "";
  const whole = state === "complete" ? "" : `, ${state}: ${why}`;
  return `${path}: ${format}, ${formatBytes(bytes)}${counted}${runsCode ? ", runs code when loaded" : ""}${whole}`;
}

/** 8030261248 -> "8.0 billion". */
function countText(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} billion`;
  return count >= 1e6 ? `${(count / 1e6).toFixed(1)} million` : String(count);
}
