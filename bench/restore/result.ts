/** Measurements -> what a person reads, and what a program reads. */
import type { Run, SizeResult } from "./size.ts";
import { table } from "./table.ts";

/** `demo`: of the walkthrough, which says nothing of growth. */
export function resultTable(results: readonly SizeResult[], demo?: SizeResult): string {
  const head = ["OBJECTS", "WHAT", "SECONDS", "OBJECTS/S", "PEAK MiB", "CPU S", "SERVER CPU S", "NOTE"];
  const rows = [...(demo ? [demo] : []), ...results].flatMap((one) => rowsOf(one, supposed(results, one.objects)));
  return [table([head, ...rows]), ...growth(results)].join("\n");
}

/** What each further object costs, between the smallest and the largest size. */
function growth(results: readonly SizeResult[]): string[] {
  const sorted = [...results].sort((a, b) => a.objects - b.objects);
  const [small, large] = [sorted[0]!, sorted.at(-1)!];
  if (large.objects === small.objects) return [];
  const bytes = (peak: (one: SizeResult) => number) =>
    Math.round(((peak(large) - peak(small)) * 2 ** 20) / (large.objects - small.objects));
  const backup = bytes((one) => one.backup.first.peakMiB);
  const restore = bytes((one) => one.restore.holdfast.peakMiB);
  return [`peak memory of Holdfast grows by ${backup} bytes per further object in a backup, ${restore} in a restore`];
}

function rowsOf(result: SizeResult, veleroSeconds: number | undefined): string[][] {
  const { objects, plain, backup, restore } = result;
  const row = (what: string, run: Run & { readonly peakMiB?: number }, note: string) => [
    `${objects}`,
    what,
    run.seconds.toFixed(1),
    `${Math.round(objects / run.seconds)}`,
    run.peakMiB?.toFixed(0) ?? "",
    run.cpu.toFixed(1),
    run.serverCpu.toFixed(1),
    note,
  ];
  const own = (run: { own: number }) => `${run.own} s by its own timestamps`;
  const restic = (run: { childrenMiB: number }) => `restic beside it: ${run.childrenMiB.toFixed(0)} MiB`;
  const [before, after] = plain;
  return [
    row("create, plain client, before", before, `${result.name}, ${result.namespaces} namespaces, 32 in flight`),
    row("create, plain client, after", after, ""),
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
          veleroSeconds === undefined
            ? undefined
            : `left out as asked; ${Math.round(veleroSeconds)} s by its rate at fewer objects`,
        ),
  ];
}

function leftOut(objects: number, what: string, note: string | undefined): string[] {
  return [`${objects}`, what, "", "", "", "", "", note ?? "left out as asked"];
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
    restoreVsPlainClient: ratio((plain[0].seconds + plain[1].seconds) / 2, restore.holdfast.seconds),
    backupVsVelero: ratio(backup.velero?.seconds, backup.first.seconds),
    peakMiB: Math.ceil(Math.max(...peaks)),
  });
}

/** How many times as fast. */
function ratio(theirs: number | undefined, ours: number): number | null {
  return theirs === undefined ? null : Math.round((theirs / ours) * 100) / 100;
}
