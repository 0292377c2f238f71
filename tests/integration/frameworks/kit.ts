/** Programs of real frameworks, out of pinned wheels in the cache; and the mover's work without a cluster. */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { perform } from "../../../src/agent/mover.ts";
import type { MoverResult, MoverWork } from "../../../src/movers/contract.ts";
import { directoryBackend } from "../../../src/store/backends/directory.ts";
import { makeRepository } from "../../../src/store/restic/new-repository.ts";
import { later, temporary } from "../store-kit.ts";

const run = promisify(execFile);
const lock = join(import.meta.dirname, "lock.txt");
const program = (name: string) => join(import.meta.dirname, `${name}.py`);

/** Installed once for each content of the lock. */
export async function packages(): Promise<string> {
  const version = createHash("sha256")
    .update(await readFile(lock))
    .digest("hex")
    .slice(0, 16);
  const cache = process.env.HOLDFAST_CACHE ?? join(homedir(), ".cache/holdfast");
  const place = join(cache, `frameworks-${version}`);
  if (existsSync(place)) return place;
  const begun = `${place}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  const exact = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--requirement", lock];
  const quiet = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"];
  const env = { ...process.env, PIP_CACHE_DIR: join(cache, "pip") };
  try {
    await run("python3.11", ["-m", "pip", "install", ...quiet, ...exact, "--target", begun], { env, timeout: 600_000 });
    await rename(begun, place);
  } finally {
    await rm(begun, { recursive: true, force: true });
  }
  return place;
}

async function environment(more: Record<string, string> = {}): Promise<NodeJS.ProcessEnv> {
  return { ...process.env, PYTHONPATH: await packages(), JAX_PLATFORMS: "cpu", PYTHONWARNINGS: "ignore", ...more };
}

/** Runs a program to its end; gives the JSON of its last line. */
export async function python<T>(name: string, ...args: string[]): Promise<T> {
  const env = await environment();
  const { stdout } = await run("python3.11", [program(name), ...args], { env, timeout: 120_000 });
  return (stdout.trim() ? JSON.parse(stdout.trim().split("\n").at(-1)!) : undefined) as T;
}

export interface Training {
  /** The newest step that it says it has saved. */
  saved(): number;
  until(what: () => boolean | Promise<boolean>, reason: string): Promise<void>;
  /** kill -9 in a moment in which this holds: it is stopped first, and goes on where the moment was missed. */
  killWhile(what: () => boolean | Promise<boolean>, reason: string): Promise<void>;
}

export async function startTraining(env: Record<string, string>, ...args: string[]): Promise<Training> {
  const child = spawn("python3.11", [program("train"), "train", ...args], {
    env: await environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let step = 0;
  let errors = "";
  child.stderr.on("data", (text) => (errors = `${errors}${text}`.slice(-2000)));
  createInterface(child.stdout).on("line", (line) => (step = (JSON.parse(line) as { saved: number }).saved));
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  later(kill);
  const until: Training["until"] = async (what, reason) => {
    for (const end = Date.now() + 90_000; !(await what()); await sleep(1)) {
      if (child.exitCode !== null) throw new Error(`the training ended while the test waited for ${reason}: ${errors}`);
      if (Date.now() > end) throw new Error(`${reason} did not come in 90 s: ${errors}`);
    }
  };
  return {
    saved: () => step,
    until,
    async killWhile(what, reason) {
      for (let caught = false; !caught; ) {
        await until(what, reason);
        child.kill("SIGSTOP");
        caught = await what();
        if (!caught) child.kill("SIGCONT");
      }
      await kill();
    },
  };
}

export interface Mover {
  (work: MoverWork, data?: string): Promise<MoverResult>;
}

/** A mover over one new repository. */
export async function mover(): Promise<Mover> {
  const target = { kind: "directory" as const, path: await temporary() };
  const repository = { name: "repos/c/ns", password: "frameworks-test-password-7c1a" };
  await makeRepository(directoryBackend(target.path), repository.name, repository.password);
  return (work, data) =>
    perform(
      { id: "t", run: "r", target, repository, work },
      { ...(data ? { data } : {}), write: () => undefined, signal: new AbortController().signal },
    );
}
