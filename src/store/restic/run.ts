/** One run of the restic binary: secrets by descriptor and environment, JSON lines in, a Fault or its output out. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { FileHandle } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { Fault } from "../../base/fault.ts";
import type { OnBytes } from "../contract.ts";
import { type Ending, faultOf } from "./exit.ts";
import { listen } from "./listen.ts";
import { asMessage, type Message, parseLine } from "./messages.ts";
import { namelessFile } from "./secret-file.ts";
import type { Session } from "./session.ts";

export interface RunInput {
  /** For people: "save volume data". Begins the message of a Fault. */
  readonly doing: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  readonly onBytes?: OnBytes;
  /** Gets stdin; for `backup --stdin`. */
  readonly feed?: (stdin: Writable) => Promise<void>;
  /** Each line of stdout that is JSON and no progress. */
  readonly onValue?: (value: unknown) => void;
  /** Each line of stdout that is not JSON. */
  readonly onText?: (line: string) => void;
}

const graceMs = 30_000;

/** Runs to the end; gives how it ended, whatever that is. */
export async function run(session: Session, input: RunInput): Promise<Ending> {
  const process = await start(session, input);
  const lines = createInterface({ input: process.stdout, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on("line", (line) => {
    const value = parseLine(line);
    if (value === undefined) input.onText?.(line);
    else if (!progressed(asMessage(value), input.onBytes)) input.onValue?.(value);
  });
  const read = once(lines, "close");
  const fed = input.feed ? feed(process, input.feed) : undefined;
  fed?.catch(() => {}); // Looked at below, after the process has ended.
  const ending = await process.ended;
  await read;
  await fed;
  return ending;
}

/** Runs to a good end, or throws its Fault. */
export async function runWell(session: Session, input: RunInput): Promise<Ending> {
  const ending = await run(session, input);
  const fault = faultOf(ending, input.doing, session.name);
  if (fault) throw fault;
  return ending;
}

/** Runs to a good end; gives the JSON values of stdout. */
export async function values<T>(session: Session, input: RunInput): Promise<T[]> {
  const found: T[] = [];
  await runWell(session, { ...input, onValue: (value) => found.push(value as T) });
  return found;
}

/** The bytes of stdout. Who stops reading ends the process; a bad end is thrown after the last byte, never hidden. */
export async function* bytes(session: Session, input: RunInput): AsyncGenerator<Buffer> {
  const process = await start(session, input);
  let complete = false;
  try {
    // A closed pipe would kill restic before it has removed its lock; so who stops reading must not close it.
    for await (const chunk of process.stdout.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
    complete = true;
  } finally {
    if (!complete) process.stop();
    process.stdout.resume();
    await process.ended;
  }
  const fault = faultOf(await process.ended, input.doing, session.name);
  if (fault) throw fault;
}

interface Running {
  readonly child: ChildProcess;
  readonly stdout: Readable;
  readonly ended: Promise<Ending>;
  /** Asks restic to end (it removes its lock); after a grace time makes it. */
  stop(): void;
}

async function start(session: Session, input: RunInput): Promise<Running> {
  input.signal?.throwIfAborted();
  const files: FileHandle[] = [];
  try {
    files.push(await namelessFile(`${session.password}\n`));
    if (session.caCert) files.push(await namelessFile(session.caCert));
    const child = spawn(session.binary, [...session.flags, ...input.args], {
      cwd: input.cwd,
      env: {
        ...session.env,
        RESTIC_PASSWORD_FILE: "/dev/fd/3",
        ...(session.caCert ? { RESTIC_CACERT: "/dev/fd/4" } : {}),
      },
      stdio: [input.feed ? "pipe" : "ignore", "pipe", "pipe", ...files.map((file) => file.fd)],
    });
    return watch(session, child, input.signal);
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

function watch(session: Session, child: ChildProcess, signal: AbortSignal | undefined): Running {
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    if (killer || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    killer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  };
  const listener = listen(session, stop);
  const errors = createInterface({ input: child.stderr!, crlfDelay: Number.POSITIVE_INFINITY });
  errors.on("line", listener.hear);
  signal?.addEventListener("abort", stop, { once: true });

  const ended = (async (): Promise<Ending> => {
    try {
      const closed = once(errors, "close");
      const [code, killedBy] = (await once(child, "exit")) as [number | null, string | null];
      await closed;
      if (signal?.aborted && code !== 0) return { code: 130, signal: killedBy, said: ["cancelled"], failedItems: [] };
      return { code, signal: killedBy, ...listener.heard() };
    } catch (cause) {
      throw new Fault("INTERNAL", `restic could not be started: ${(cause as Error).message}`, { cause });
    } finally {
      clearTimeout(killer);
      signal?.removeEventListener("abort", stop);
    }
  })();
  ended.catch(() => {}); // Each user awaits it; nobody may be there yet.
  return { child, stdout: child.stdout!, ended, stop };
}

/**
 * A source that fails must not look like one that ended: restic would store the part as the whole. So restic is stopped
 * first, and its stdin is closed only after.
 */
async function feed(process: Running, fill: (stdin: Writable) => Promise<void>): Promise<void> {
  const stdin = process.child.stdin!;
  stdin.on("error", () => {}); // restic ended early: its exit code tells why.
  const gone = process.ended.then(() => "gone" as const);
  try {
    await Promise.race([fill(stdin), gone]);
    stdin.end();
  } catch (error) {
    process.stop();
    const timer = setTimeout(() => stdin.destroy(), 2000);
    await gone.finally(() => clearTimeout(timer));
    throw error;
  }
}

function progressed(message: Message | undefined, onBytes: OnBytes | undefined): boolean {
  if (message?.message_type !== "status") return false;
  const done = message.bytes_done ?? (message.bytes_restored ?? 0) + (message.bytes_skipped ?? 0);
  onBytes?.(done, message.total_bytes ?? 0);
  return true;
}
