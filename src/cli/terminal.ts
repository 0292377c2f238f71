import type { Finding } from "../base/finding.ts";
import type { Progress } from "../base/progress.ts";
import { formatBytes, formatDuration } from "../base/sizes.ts";
import { paint } from "./output.ts";

/** Progress of a run in this process, on stderr: a line per stage, and one that moves while bytes do (on a terminal). */
export function terminalProgress(): Progress & { close(): void } {
  const items = new Map<string, { done: number; total: number }>();
  const seen = new Set<string>();
  const started = Date.now();
  let moving = false;
  const tty = process.stderr.isTTY === true;

  const line = (text: string) => {
    if (moving) process.stderr.write("\r\x1b[K");
    moving = false;
    process.stderr.write(`${text}\n`);
  };
  return {
    stage(stage, detail) {
      line(`${formatDuration(Date.now() - started).padStart(6)}  ${paint("bold", stage.padEnd(9))} ${detail}`);
    },
    item(id, done, total) {
      items.set(id, { done, total });
      if (!tty) return;
      process.stderr.write(`\r\x1b[K        ${rateLine([...items.values()], Date.now() - started)}`);
      moving = true;
    },
    finding(finding: Finding) {
      const key = `${finding.code} ${finding.subject}`;
      if (seen.has(key)) return;
      seen.add(key);
      line(`        ${finding.severity.toUpperCase()} ${finding.code} ${finding.subject}: ${finding.message}`);
      if (finding.advice) line(`          ${finding.advice}`);
    },
    note: (text) => line(`        ${text}`),
    close() {
      if (moving) process.stderr.write("\r\x1b[K");
      moving = false;
    },
  };
}

/** "120.0 MiB of 2.0 GiB, 40.0 MiB/s, 48s left". */
export function rateLine(items: readonly { done: number; total: number }[], elapsedMs: number): string {
  const done = items.reduce((sum, item) => sum + item.done, 0);
  const total = items.reduce((sum, item) => sum + item.total, 0);
  const rate = elapsedMs > 0 ? done / (elapsedMs / 1000) : 0;
  const left = rate > 0 && total > done ? `, ${formatDuration(((total - done) / rate) * 1000)} left` : "";
  return `${formatBytes(done)} of ${formatBytes(total)}, ${formatBytes(rate)}/s${left}`;
}
