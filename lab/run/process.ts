import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, realpathSync, renameSync } from "node:fs";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { labDir, logFile } from "../paths.ts";
import { identify, isAlive, type Pid } from "./pid.ts";
import { findStrays, mark } from "./strays.ts";
import { waitFor, type Awaited } from "./wait.ts";

/** A program that runs beside the cluster until `lab-down`. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment. Secrets belong here, never in `args`. */
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Files whose change means a restart: configuration, certificates, sources of a script. */
  readonly inputs?: readonly string[];
  readonly ready?: Awaited;
}

/** What is known of a process that was started. */
export interface ProcessRecord extends Pid {
  readonly name: string;
  readonly command: readonly string[];
  /** Hash of everything that decides what runs. */
  readonly identity: string;
}

/**
 * Sees to it that the process runs as specified and is ready: starts it, or leaves it alone, or restarts it when its
 * specification changed. Safe to call again at any time, also after a kill at any point.
 */
export async function ensureProcess(spec: ProcessSpec): Promise<void> {
  const identity = identityOf(spec);
  const running = readRecord(spec.name);
  if (running === undefined || !isAlive(running) || running.identity !== identity) {
    if (running !== undefined) await stopProcess(spec.name);
    await endStrays(spec);
    start(spec, identity);
  }
  if (spec.ready !== undefined) await waitFor(spec.ready, () => reasonOfDeath(spec.name));
}

/** Stops the process and everything in its session: politely, then by force. Unknown or dead: nothing to do. */
export async function stopProcess(name: string, seconds = 15): Promise<void> {
  const record = readRecord(name);
  if (record === undefined) return;
  await end(record, name, seconds);
  rmSync(pidFile(name), { force: true });
}

/** Ends the processes that carry the lab's mark and that no record names, as after a kill between start and record. */
export async function stopStrays(): Promise<void> {
  for (const stray of findStrays()) await end(stray, `pid ${stray.pid}`, 5);
}

/** Every process that was started and not stopped, with whether it still runs. */
export function listProcesses(): (ProcessRecord & { alive: boolean })[] {
  mkdirSync(labDir("pid"), { recursive: true });
  return readdirSync(labDir("pid"))
    .filter((file) => file.endsWith(".json"))
    .map((file) => readRecord(file.slice(0, -".json".length)))
    .filter((record) => record !== undefined)
    .map((record) => ({ ...record, alive: isAlive(record) }));
}

/** Whether the named process runs. */
export function isRunning(name: string): boolean {
  const record = readRecord(name);
  return record !== undefined && isAlive(record);
}

/** Hash of command, arguments, environment, directory, and the content of the program and of the inputs. */
export function identityOf(spec: ProcessSpec): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([spec.command, spec.args, spec.env ?? {}, spec.cwd ?? ""]));
  hash.update(fingerprint(spec.command));
  for (const file of spec.inputs ?? []) hash.update(readFileSync(file));
  return hash.digest("hex");
}

/** Programs are large: their real path, size and time stand for their content. */
function fingerprint(command: string): string {
  if (!command.startsWith("/")) return command;
  const real = realpathSync(command);
  const { size, mtimeMs } = statSync(real);
  return `${real} ${size} ${mtimeMs}`;
}

/** A former run may have been killed after it started this process and before it wrote that down. */
async function endStrays(spec: ProcessSpec): Promise<void> {
  for (const stray of findStrays(spec.name, spec.command)) await end(stray, `a stray ${spec.name}`, 15);
}

async function end(process: Pid, name: string, seconds: number): Promise<void> {
  if (!isAlive(process)) return;
  const goal = { describe: `${name} to end`, check: () => Promise.resolve(!isAlive(process)), seconds };
  signalGroup(process.pid, "SIGTERM");
  await waitFor(goal).catch(async () => {
    signalGroup(process.pid, "SIGKILL");
    await waitFor({ ...goal, describe: `${name} to end by force`, seconds: 10 });
  });
}

function start(spec: ProcessSpec, identity: string): void {
  mkdirSync(labDir("pid"), { recursive: true });
  mkdirSync(labDir("log"), { recursive: true });
  const log = openSync(logFile(spec.name), "a");
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd ?? "/",
    env: { ...process.env, ...mark(spec.name), ...spec.env },
    detached: true, // A session of its own: a Ctrl-C at the terminal does not reach it.
    stdio: ["ignore", log, log],
  });
  child.on("error", () => {}); // A missing pid, below, says the same.
  closeSync(log);
  if (child.pid === undefined) throw new Error(`${spec.name}: ${spec.command} is not there or may not be run`);
  const now = identify(child.pid);
  if (now === undefined) throw new Error(lastWords(spec.name));
  child.unref();
  const record: ProcessRecord = { ...now, name: spec.name, command: [spec.command, ...spec.args], identity };
  writeFileSync(`${pidFile(spec.name)}.new`, JSON.stringify(record, undefined, 2), { mode: 0o600 });
  renameSync(`${pidFile(spec.name)}.new`, pidFile(spec.name));
}

function reasonOfDeath(name: string): string | undefined {
  return isRunning(name) ? undefined : lastWords(name);
}

function lastWords(name: string): string {
  const lines = readFileSync(logFile(name), "utf8").trimEnd().split("\n").slice(-5);
  return `the process ${name} ended; log: ${logFile(name)}\n${lines.map((line) => `  | ${line.slice(0, 400)}`).join("\n")}`;
}

function readRecord(name: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(pidFile(name), "utf8")) as ProcessRecord;
  } catch {
    return undefined;
  }
}

function pidFile(name: string): string {
  return labDir("pid", `${name}.json`);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already, or not the first of its group.
    try {
      process.kill(pid, signal);
    } catch {}
  }
}
