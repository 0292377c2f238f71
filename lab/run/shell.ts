import { spawn } from "node:child_process";
import { mkdirSync, createWriteStream, type WriteStream } from "node:fs";
import { dirname } from "node:path";

export interface ShellOptions {
  readonly env?: Record<string, string | undefined>;
  readonly cwd?: string;
  readonly input?: string | Buffer;
  /** Append both output streams to this file; the error names it. */
  readonly log?: string;
  /** Give up after this long (default 600). */
  readonly seconds?: number;
}

/**
 * Runs a command and returns what it printed. No shell in between, so nothing needs quoting. Fails when the command
 * does not exist, ends with an error, or takes too long; the message carries the end of its output and names its log.
 */
export async function sh(command: string, args: readonly string[] = [], options: ShellOptions = {}): Promise<string> {
  const seconds = options.seconds ?? 600;
  const log = options.log === undefined ? undefined : openLog(options.log, [command, ...args].join(" "));
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const both: Buffer[] = [];
  const take = (chunk: Buffer, isOutput: boolean) => {
    if (isOutput) out.push(chunk);
    both.push(chunk);
    log?.write(chunk);
  };
  child.stdout.on("data", (chunk: Buffer) => take(chunk, true));
  child.stderr.on("data", (chunk: Buffer) => take(chunk, false));
  child.stdin.on("error", () => {}); // The command may end without reading its input.
  child.stdin.end(options.input);

  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, seconds * 1000);
  const problem = await new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? `code ${code}`}`));
  });
  clearTimeout(timer);
  log?.end();
  if (problem === undefined) return Buffer.concat(out).toString();

  const what = late ? `took longer than ${seconds} s` : problem;
  const where = options.log === undefined ? "" : `\n  log: ${options.log}`;
  throw new Error(`${command} ${args[0] ?? ""}: ${what}${where}\n${lastLines(Buffer.concat(both).toString(), 15)}`);
}

function openLog(file: string, title: string): WriteStream {
  mkdirSync(dirname(file), { recursive: true });
  const log = createWriteStream(file, { flags: "a" });
  log.write(`\n=== ${new Date().toISOString()} ${title}\n`);
  return log;
}

function lastLines(text: string, count: number): string {
  return text
    .trimEnd()
    .split("\n")
    .slice(-count)
    .map((line) => `  | ${line.slice(0, 400)}`)
    .join("\n");
}
