import { readFileSync } from "node:fs";
import type { OnBytes } from "../store/contract.ts";

const everyMs = 1000;
const aliveEveryMs = 20_000;
/** Reading its own counters is no sign of life. */
const aliveBytes = 1 << 20;

/** Progress as lines, at most one a second; and a sign of life while bytes are read but nothing is counted (hashing). */
export function reporter(write: (line: string) => void): { onBytes: OnBytes; close(): void } {
  let saidAt = 0;
  let said = "";
  let latest = "";
  let read = bytesRead();
  const say = () => {
    if (latest === said) return;
    said = latest;
    saidAt = Date.now();
    write(latest);
  };
  const timer = setInterval(() => {
    const now = bytesRead();
    if (now - read < aliveBytes) return;
    read = now;
    write(JSON.stringify({ alive: now }));
  }, aliveEveryMs).unref();
  return {
    onBytes(done, total) {
      latest = JSON.stringify({ done, total });
      if (Date.now() - saidAt >= everyMs) say();
    },
    close() {
      clearInterval(timer);
      say();
    },
  };
}

function bytesRead(): number {
  try {
    return Number(/^rchar: (\d+)/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // not Linux, or not allowed
  }
}
