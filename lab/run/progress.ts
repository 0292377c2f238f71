import { type Durations, readDurations, writeDurations } from "./durations.ts";
import type { Part } from "./part.ts";

type Stage = "build" | "up";

/** Says what begins and what is done, how far all of it is, and how long the rest will take. */
export interface Progress {
  begin(part: Part, stage: Stage): void;
  end(part: Part, stage: Stage): void;
  close(): void;
}

/** Prints one line per finished stage that took a noticeable time, and one per minute of silence. */
export function progress(parts: readonly Part[], print: (line: string) => void = console.log): Progress {
  const known = readDurations();
  const started = Date.now();
  const running = new Map<string, number>();
  const left = new Map(
    stagesOf(parts).map(({ part, stage }) => [`${stage} ${part.name}`, expected(part, stage, known)]),
  );
  const total = left.size;
  let lastLine = Date.now();

  const spent = (key: string) => (Date.now() - (running.get(key) ?? Date.now())) / 1000;
  const line = (text: string) => {
    lastLine = Date.now();
    const rest = [...left].reduce((sum, [key, seconds]) => sum + Math.max(0, seconds - spent(key)), 0);
    const about = rest < 5 ? "" : `, about ${clock(rest)} left`;
    print(`[${clock((Date.now() - started) / 1000)}] ${total - left.size}/${total} ${text}${about}`);
  };
  const heartbeat = setInterval(() => {
    if (Date.now() - lastLine > 55_000) line(`still at it: ${[...running.keys()].join(", ")}`);
  }, 5_000);
  heartbeat.unref();

  return {
    begin(part, stage) {
      const key = `${stage} ${part.name}`;
      running.set(key, Date.now());
      if (expected(part, stage, known) >= 10) line(`${key} ...`);
    },
    end(part, stage) {
      const key = `${stage} ${part.name}`;
      const seconds = spent(key);
      running.delete(key);
      left.delete(key);
      known[key] = Math.round(seconds * 10) / 10;
      if (seconds >= 0.5 || left.size === 0) line(`${key}: ${seconds.toFixed(1)} s`);
    },
    close() {
      clearInterval(heartbeat);
      writeDurations(known);
    },
  };
}

/** What a stage took the last time; before the first time, the part's own guess. */
function expected(part: Part, stage: Stage, known: Durations): number {
  const before = known[`${stage} ${part.name}`];
  if (before !== undefined) return before;
  const { cold, warm } = part.seconds;
  if (part.build === undefined || part.up === undefined) return cold;
  return stage === "build" ? cold - warm : warm;
}

function stagesOf(parts: readonly Part[]): { part: Part; stage: Stage }[] {
  return parts.flatMap((part) =>
    (["build", "up"] as const).filter((stage) => part[stage] !== undefined).map((stage) => ({ part, stage })),
  );
}

/** 75 -> "1:15". */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
