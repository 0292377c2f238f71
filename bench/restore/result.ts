/** Measurements -> what a person reads, and what a program reads. */
import type { SizeResult } from "./size.ts";
import { table } from "./table.ts";

export function resultTable(results: readonly SizeResult[]): string {
  const head = ["OBJECTS", "WHAT", "SECONDS", "OBJECTS/S", "PEAK MiB", "CPU S", "NOTE"];
  return table([head, ...results.flatMap((one) => rowsOf(one, supposed(results, one.objects)))]);
}

function rowsOf(result: SizeResult, veleroSeconds: number | undefined): string[][] {
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
    backup.velero
      ? row("backup, Velero", backup.velero, own(backup.velero))
      : leftOut(objects, "backup, Velero", undefined),
    row(
      "restore, Holdfast",
      restore.holdfast,
      `${restic(restore.holdfast)}; writing ${restore.holdfast.writing.toFixed(1)} s of it`,
    ),
    restore.velero
      ? row("restore, Velero", restore.velero, own(restore.velero))
      : leftOut(
          objects,
          "restore, Velero",
          veleroSeconds && `left out as asked; ${Math.round(veleroSeconds)} s by its rate at fewer objects`,
        ),
  ];
}

interface Run {
  readonly seconds: number;
  readonly peakMiB?: number;
  readonly cpu?: number;
}

function leftOut(objects: number, what: string, note: string | undefined): string[] {
  return [`${objects}`, what, "", "", "", "", note ?? "left out as asked"];
}

/** How long Velero's restore would take at the rate of the largest size at which it ran; it restores one by one. */
function supposed(results: readonly SizeResult[], objects: number): number | undefined {
  const ran = results.flatMap(({ restore: { velero }, objects: count }) => (velero ? [{ count, velero }] : []));
  const largest = ran.sort((a, b) => b.count - a.count)[0];
  return largest && (objects / largest.count) * largest.velero.seconds;
}

/** Of the largest size. null: not measured. Backups are compared by the first one into an empty target, as Velero's is. */
export function lastLine(results: readonly SizeResult[]): string {
  const last = results.reduce((largest, one) => (one.objects > largest.objects ? one : largest));
  const { backup, restore, plain, objects } = last;
  const peaks = [backup.first, backup.again, restore.holdfast].map((run) => run.peakMiB);
  return JSON.stringify({
    objects,
    restoreVsVelero: ratio(restore.velero?.seconds ?? supposed(results, objects), restore.holdfast.seconds),
    restoreVsPlainClient: ratio((plain[0] + plain[1]) / 2, restore.holdfast.seconds),
    backupVsVelero: ratio(backup.velero?.seconds, backup.first.seconds),
    peakMiB: Math.ceil(Math.max(...peaks)),
  });
}

/** How many times as fast. */
function ratio(theirs: number | undefined, ours: number): number | null {
  return theirs === undefined ? null : Math.round((theirs / ours) * 100) / 100;
}
