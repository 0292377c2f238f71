import type { Consistency, CutTime } from "../flow/consistency.ts";

const most = 60;

/** The grade, why, and a line for each cut with its time from the start of the fence. */
export function consistencyText({ grade, meaning, why, cuts }: Consistency, fenceStart: string): readonly string[] {
  const start = Date.parse(fenceStart);
  const width = Math.max(0, ...cuts.map((one) => one.id.length));
  const line = ({ kind, id, from, to, how }: CutTime) =>
    `  ${after(from, start).padStart(10)}  ${(to ? `to ${after(to, start)}` : "").padEnd(13)}  ${kind.padEnd(8)}  ${id.padEnd(width)}  ${how}`;
  return [
    `${grade}  ${meaning}`,
    `   because ${why}`,
    ...cuts.slice(0, most).map(line),
    ...(cuts.length > most ? [`  and ${cuts.length - most} more: -o json shows all`] : []),
  ];
}

/** "+0.212 s" from the start of the fence. */
function after(time: string, start: number): string {
  const seconds = (Date.parse(time) - start) / 1000;
  return `${seconds < 0 ? "-" : "+"}${Math.abs(seconds).toFixed(Math.abs(seconds) < 100 ? 2 : 0)} s`;
}
