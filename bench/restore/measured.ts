/** A program run to its end, with the clock and the memory of it and of its children. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Measured {
  readonly seconds: number;
  /** Most memory that the process itself ever held: VmHWM. */
  readonly peakMiB: number;
  /** Most memory that its children (restic) held at one time. */
  readonly childrenMiB: number;
  /** Seconds of processor of the process and of the children that have ended: where a machine is busy, a better clock. */
  readonly cpu: number;
  readonly out: string;
}

export async function measured(
  command: string,
  args: readonly string[],
  options: { readonly env: Record<string, string | undefined>; readonly cwd: string },
): Promise<Measured> {
  const startedAt = performance.now();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const peak = { own: 0, children: 0, cpu: 0 };
  const timer = setInterval(() => look(child.pid!, peak), 50);
  let out = "";
  let errors = "";
  child.stdout.on("data", (chunk) => (out += chunk));
  child.stderr.on("data", (chunk) => (errors += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearInterval(timer);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${errors.slice(-4000)}`);
  return {
    seconds: (performance.now() - startedAt) / 1000,
    peakMiB: peak.own / 1024,
    childrenMiB: peak.children / 1024,
    cpu: peak.cpu,
    out,
  };
}

/** The kernel keeps the highest value by itself, so looking at it now and then misses only the last moment. */
function look(pid: number, peak: { own: number; children: number; cpu: number }): void {
  peak.cpu = Math.max(peak.cpu, cpuSeconds(pid));
  peak.own = Math.max(peak.own, kibibytes(pid, "VmHWM"));
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean);
  const sum = children.reduce((total, one) => total + kibibytes(Number(one), "VmRSS"), 0);
  peak.children = Math.max(peak.children, sum);
}

/** In hundredths of a second: user and system, own and of children. */
export function cpuSeconds(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

export function kibibytes(pid: number, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it has ended
  }
}
