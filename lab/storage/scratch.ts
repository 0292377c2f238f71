import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LoopFile, mountLoopFile, removeLoopFile } from "./loop-file.ts";

/** A btrfs of its own in a temporary folder, for a test that needs no cluster. */
export type Scratch = { readonly dir: string; readonly pool: string; readonly remove: () => Promise<void> };

/** Makes a scratch filesystem. Needs root. */
export async function openScratch(bytes = 40 * 2 ** 30): Promise<Scratch> {
  const dir = await mkdtemp(join(tmpdir(), "holdfast-scratch-"));
  const pool: LoopFile = { file: join(dir, "pool.img"), mountPoint: join(dir, "pool") };
  const remove = async () => {
    await removeLoopFile(pool);
    await rm(dir, { recursive: true, force: true });
  };
  await mountLoopFile(pool, bytes).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return { dir, pool: pool.mountPoint, remove };
}

/** A driver that runs on a scratch filesystem. */
export type ScratchDriver = {
  readonly socket: string;
  readonly root: string;
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
};

/** Starts a driver and returns when it serves. `name` tells several drivers on one scratch apart. */
export async function startDriver(scratch: Scratch, kind: "btrfs" | "plain", name: string): Promise<ScratchDriver> {
  const root = join(scratch.pool, name);
  const socket = join(scratch.dir, `${name}.sock`);
  await mkdir(root, { recursive: true });
  await rm(socket, { force: true });
  const args = { name: `${kind}.csi.holdfast.dev`, backend: kind, root, node: "scratch", socket };
  const flags = Object.entries(args).flatMap(([key, value]) => [`--${key}`, value]);
  const program = join(import.meta.dirname, "driver/main.ts");
  const child = spawn(process.execPath, [program, ...flags], { stdio: ["ignore", "ignore", "inherit"] });
  await appears(socket, child);
  return { root, socket, stop: (signal) => end(child, signal) };
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}

async function appears(socket: string, driver: ChildProcess): Promise<void> {
  for (const started = Date.now(); Date.now() - started < 20_000; await sleep(20)) {
    if (await stat(socket).catch(() => undefined)) return;
    if (driver.exitCode !== null) throw new Error(`the driver ended with code ${driver.exitCode} before it served`);
  }
  throw new Error(`the driver did not open ${socket} within 20 s`);
}
