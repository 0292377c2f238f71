import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LoopFile, mountLoopFile, removeLoopFile } from "./loop-file.ts";

/**
 * Runs csi-sanity, the CSI project's own conformance test, against both drivers on a scratch filesystem:
 *   node lab/storage/sanity.ts CSI-SANITY-BINARY
 * Needs root, btrfs and loop devices, no cluster. Exit code 1 if anything failed.
 */
type Kind = "btrfs" | "plain";
type Access = "mount" | "block";
const runs: readonly (readonly [Kind, Access])[] = [
  ["btrfs", "mount"],
  ["btrfs", "block"],
  ["plain", "mount"],
  ["plain", "block"],
];

async function main(binary: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "holdfast-sanity-"));
  const pool: LoopFile = { file: join(scratch, "pool.img"), mountPoint: join(scratch, "pool") };
  try {
    await mountLoopFile(pool, 40 * 2 ** 30);
    const failed: string[] = [];
    for (const [kind, access] of runs) {
      if (!(await check(kind, access, binary, scratch, pool))) failed.push(`${kind} ${access}`);
    }
    if (failed.length > 0) throw new Error(`csi-sanity failed for: ${failed.join(", ")}`);
  } finally {
    await removeLoopFile(pool);
    await rm(scratch, { recursive: true, force: true });
  }
}

async function check(kind: Kind, access: Access, binary: string, scratch: string, pool: LoopFile): Promise<boolean> {
  const dir = join(scratch, `${kind}-${access}`);
  const root = join(pool.mountPoint, kind);
  const socket = join(dir, "csi.sock");
  await Promise.all([dir, root].map((folder) => mkdir(folder, { recursive: true })));
  const driver = startDriver(kind, root, socket);
  try {
    await appears(socket, driver);
    const { passed, text } = await sanity(binary, access, dir, socket);
    const summary = text.match(/(\d+) Passed.*?(\d+) Failed.*?(\d+) Pending.*?(\d+) Skipped/);
    if (!passed || !summary) console.log(text);
    console.log(`csi-sanity ${kind} ${access}: ${summary?.[0] ?? "did not come to its end"}`.replaceAll(" | ", ", "));
    return passed;
  } finally {
    const ended = new Promise((resolve) => driver.once("exit", resolve));
    driver.kill("SIGTERM");
    await ended;
  }
}

function startDriver(kind: Kind, root: string, socket: string): ChildProcess {
  const main = join(import.meta.dirname, "driver/main.ts");
  const args = { name: `${kind}.csi.holdfast.dev`, backend: kind, root, node: "scratch", socket };
  const flags = Object.entries(args).flatMap(([key, value]) => [`--${key}`, value]);
  return spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "ignore", "inherit"] });
}

async function appears(socket: string, driver: ChildProcess): Promise<void> {
  for (const started = Date.now(); Date.now() - started < 20_000; await sleep(50)) {
    if (await stat(socket).catch(() => undefined)) return;
    if (driver.exitCode !== null) throw new Error(`the driver ended with code ${driver.exitCode} before it served`);
  }
  throw new Error(`the driver did not open ${socket} within 20 s`);
}

async function sanity(
  binary: string,
  access: Access,
  dir: string,
  socket: string,
): Promise<{ passed: boolean; text: string }> {
  const flags = [`endpoint=unix://${socket}`, `mountdir=${join(dir, "mount")}`, `stagingdir=${join(dir, "staging")}`];
  const args = [...flags, `testvolumeaccesstype=${access}`].map((flag) => `-csi.${flag}`).concat("-ginkgo.no-color");
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 300_000 });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  return { passed: code === 0, text };
}

const [binary] = process.argv.slice(2);
if (!binary) {
  console.error("usage: node lab/storage/sanity.ts CSI-SANITY-BINARY");
  process.exit(2);
}
await main(binary).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
