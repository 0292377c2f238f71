/** Measurements -> what a person reads, and what a program reads. */
import type { SizeResult } from "./size.ts";
import { table } from "./table.ts";

export function resultTable(results: readonly SizeResult[]): string {
  const head = ["OBJECTS", "WHAT", "SECONDS", "OBJECTS/S", "PEAK MiB", "CPU S", "NOTE"];
  return table([head, ...results.flatMap(rowsOf)]);
}

function rowsOf(result: SizeResult): string[][] {
  const { objects, plain, backup, restore } = result;
  const row = (what: string, run: Run, note: string) => [
    `${objects}`,
    what,
    run.seconds.toFixed(1),
    `${Math.round(objects / run.seconds)}`,
    run.peakMiB?.toFixed(0) ?? "",
    run.cpu?.toFixed(1) ?? "",
    note,
  ];
  const own = (run: { own: number }) => `${run.own} s by its own timestamps`;
  const restic = (run: { childrenMiB: number }) => `restic beside it: ${run.childrenMiB.toFixed(0)} MiB`;
  const [before, after] = plain.map((seconds) => ({ seconds }));
  return [
    row("create, plain client, before", before!, `${result.namespaces} namespaces, 32 in flight`),
    row("create, plain client, after", after!, ""),
    row("backup, Holdfast, first", backup.first, restic(backup.first)),
    row("backup, Holdfast, again", backup.again, restic(backup.again)),
    backup.velero ? row("backup, Velero", backup.velero, own(backup.velero)) : leftOut(objects, "backup, Velero"),
    row(
      "restore, Holdfast",
      restore.holdfast,
      `${restic(restore.holdfast)}; writing ${restore.holdfast.writing.toFixed(1)} s of it`,
    ),
    restore.velero ? row("restore, Velero", restore.velero, own(restore.velero)) : leftOut(objects, "restore, Velero"),
  ];
}

interface Run {
  readonly seconds: number;
  readonly peakMiB?: number;
  readonly cpu?: number;
}

function leftOut(objects: number, what: string): string[] {
  return [`${objects}`, what, "", "", "", "", "left out as asked"];
}

/** Of the largest size; the ratio to Velero's restore of the largest size at which that ran. null: not measured. */
export function lastLine(results: readonly SizeResult[]): string {
  const last = results.reduce((largest, one) => (one.objects > largest.objects ? one : largest));
  const peaks = [last.backup.first, last.backup.again, last.restore.holdfast].map((run) => run.peakMiB);
  return JSON.stringify({
    objects: last.objects,
    restoreVsVelero: ratio(last.restore.velero?.seconds, last.restore.holdfast.seconds),
    restoreVsPlainClient: ratio((last.plain[0] + last.plain[1]) / 2, last.restore.holdfast.seconds),
    backupVsVelero: ratio(last.backup.velero?.seconds, last.backup.again.seconds),
    peakMiB: Math.ceil(Math.max(...peaks)),
  });
}

/** How many times as fast. */
function ratio(theirs: number | undefined, ours: number): number | null {
  return theirs === undefined ? null : Math.round((theirs / ours) * 100) / 100;
}
