import type { Finding } from "../base/finding.ts";
import type { Progress } from "../base/progress.ts";
import { formatBytes, formatDuration } from "../base/sizes.ts";
import { paint } from "./output.ts";
import { asFlags } from "./words.ts";

const moveEveryMs = 100;

/** A last line on stderr that changes in place. Where nobody looks on (no terminal), it is not written at all. */
export function movingLine(stream: NodeJS.WriteStream = process.stderr): {
  say(text: string): void;
  move(text: string): void;
  clear(): void;
} {
  const tty = stream.isTTY === true;
  let moving = false;
  let movedAt = 0;
  const clear = () => {
    if (moving) stream.write("\r\x1b[K");
    moving = false;
  };
  return {
    say(text) {
      clear();
      stream.write(`${text}\n`);
    },
    move(text) {
      if (!tty || Date.now() - movedAt < moveEveryMs) return;
      movedAt = Date.now();
      stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
      moving = true;
    },
    clear,
  };
}

/** Progress of a run in this process, on stderr: a line per stage, and one that moves while bytes do (on a terminal). */
export function terminalProgress(): Progress & { close(): void } {
  const items = new Map<string, { done: number; total: number }>();
  const seen = new Set<string>();
  const started = Date.now();
  const line = movingLine();
  let bytesSince: number | undefined;
  let shown = "";
  return {
    stage(stage, detail) {
      if (`${stage} ${detail}` === shown) return;
      shown = `${stage} ${detail}`;
      line.say(
        `${formatDuration(Date.now() - started).padStart(7)}  ${paint("bold", stage.padEnd(9), process.stderr)} ${detail}`,
      );
    },
    item(id, done, total) {
      bytesSince ??= Date.now();
      items.set(id, { done, total });
      line.move(`         ${rateLine([...items.values()], Date.now() - bytesSince)}`);
    },
    finding(finding: Finding) {
      const key = `${finding.code} ${finding.subject}`;
      if (seen.has(key)) return;
      seen.add(key);
      const style = finding.severity === "error" ? "red" : finding.severity === "warning" ? "yellow" : "dim";
      line.say(
        `         ${paint(style, finding.severity.toUpperCase(), process.stderr)} ${finding.code} ${finding.subject}: ${finding.message}`,
      );
      if (finding.advice) line.say(`           ${asFlags(finding.advice)}`);
    },
    note: (text) => line.say(`         ${asFlags(text)}`),
    close: () => line.clear(),
  };
}

/** "120.0 MiB of 2.0 GiB, 40.0 MiB/s, 48s left". */
export function rateLine(items: readonly { done: number; total: number }[], elapsedMs: number): string {
  const done = items.reduce((sum, item) => sum + item.done, 0);
  const total = items.reduce((sum, item) => sum + Math.max(item.total, item.done), 0);
  const rate = elapsedMs > 0 ? done / (elapsedMs / 1000) : 0;
  const left = rate > 0 && total > done ? `, ${formatDuration(((total - done) / rate) * 1000)} left` : "";
  return `${formatBytes(done)} of ${formatBytes(total)}, ${formatBytes(Math.round(rate))}/s${left}`;
}
