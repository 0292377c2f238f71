/** How the demo speaks: numbered steps with the time since the start, and the final table. */

const started = Date.now();
let step = 0;

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function chapter(title: string): void {
  step++;
  say(`\n[${elapsed(started)}] ${step}. ${title}`);
}

export function detail(text: string): void {
  say(`         ${text}`);
}

export function elapsed(since: number, until = Date.now()): string {
  const seconds = Math.max(0, Math.round((until - since) / 1000));
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

export interface Row {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/** Prints before and after side by side; gives the rows that differ. */
export function compare(rows: readonly Row[]): readonly Row[] {
  const different = rows.filter((row) => row.before !== row.after);
  const wide = Math.max(...rows.map((row) => row.what.length));
  const column = (text: string) => (text.length > 44 ? `${text.slice(0, 41)}...` : text).padEnd(44);
  say(`\n   ${"".padEnd(wide)}  ${column("before")}  ${column("after")}`);
  for (const row of rows) {
    const mark = row.before === row.after ? "=" : "X";
    say(` ${mark} ${row.what.padEnd(wide)}  ${column(row.before)}  ${column(row.after)}`.trimEnd());
  }
  for (const row of different) say(`\nDIFFERENT: ${row.what}\n  before: ${row.before}\n  after:  ${row.after}`);
  return different;
}
