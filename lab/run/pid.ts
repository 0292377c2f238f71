import { readFileSync } from "node:fs";

/** A process that cannot be mistaken for another one which got the same number later, or after a reboot. */
export interface Pid {
  readonly pid: number;
  readonly started: string;
  readonly boot: string;
}

/** The process with this number as it is now; undefined when there is none, or only a zombie. */
export function identify(pid: number): Pid | undefined {
  const started = startTime(pid);
  return started === undefined ? undefined : { pid, started, boot: bootId() };
}

/** Whether the recorded process still runs. */
export function isAlive(recorded: Pid): boolean {
  return isSame(recorded, identify(recorded.pid));
}

/** Whether what runs now under a number is what was recorded under it. */
export function isSame(recorded: Pid, now: Pid | undefined): boolean {
  return (
    now !== undefined && now.pid === recorded.pid && now.started === recorded.started && now.boot === recorded.boot
  );
}

/**
 * Start time and state out of a line of /proc/PID/stat. The name in parentheses may hold spaces and parentheses, so
 * fields are counted from the last one: state is the first after it, the start time the twentieth.
 */
export function parseStat(line: string): { state: string; started: string } {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", started: fields[19] ?? "" };
}

function startTime(pid: number): string | undefined {
  try {
    const { state, started } = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return state === "Z" || state === "X" ? undefined : started;
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
