import { existsSync, rmSync } from "node:fs";
import { adminKubeconfig, binDir, kubeletDir, labDir, labFile } from "./paths.ts";
import { parts, platformParts } from "./parts.ts";
import { refuseWhereImpossible } from "./preflight.ts";
import { readLab, writeLab } from "./lab-file.ts";
import { withLock } from "./run/lock.ts";
import { inOrder } from "./run/order.ts";
import { isRunning, listProcesses, stopProcess, stopStrays } from "./run/process.ts";
import { clock } from "./run/progress.ts";
import { bringUp, takeDown } from "./run/runner.ts";

const all = [...parts, ...platformParts];

/** What can be said to the lab. */
const verbs: Record<string, () => Promise<void>> = {
  up: () => changing(() => up(parts)),
  platform: () => changing(() => up(all)),
  down: () => changing(down),
  reset: () => changing(reset),
  status,
  env,
};

async function up(wanted: typeof parts): Promise<void> {
  await refuseWhereImpossible();
  const started = Date.now();
  await bringUp(wanted);
  await writeLab();
  console.log(`The lab is up after ${clock((Date.now() - started) / 1000)}. To look around:`);
  console.log(`  eval "$(scripts/with-node node lab/main.ts env)"; kubectl get pods --all-namespaces`);
}

async function down(): Promise<void> {
  await takeDown(all);
  for (const { name } of listProcesses()) await stopProcess(name);
  await stopStrays();
  rmSync(labDir("run"), { recursive: true, force: true });
  rmSync(labFile(), { force: true });
  if (process.env["PURGE"] !== "1") return console.log("The lab is down; `make lab` continues where it was.");
  await takeDown(all, "reset");
  for (const folder of [labDir(), kubeletDir]) rmSync(folder, { recursive: true, force: true });
  console.log("The lab is down and its state is deleted; what was built stays in the cache.");
}

/** A fresh cluster. The backup target, the registry and the caches stay. */
async function reset(): Promise<void> {
  await refuseWhereImpossible();
  await takeDown(all);
  await stopStrays();
  await takeDown(all, "reset");
  await up(parts);
}

async function status(): Promise<void> {
  console.log(existsSync(labFile()) ? `The lab at ${labDir()} is up.` : `The lab at ${labDir()} is not up: make lab`);
  for (const part of inOrder(all)) {
    if (part.status === undefined) continue;
    const line = await part.status().catch((error: Error) => `? ${error.message.split("\n")[0]}`);
    console.log(`  ${part.name.padEnd(26)} ${line}`);
  }
  const dead = listProcesses().filter(({ name }) => !isRunning(name));
  for (const { name } of dead) console.log(`  ${name} ended by itself; log: ${labDir("log", `${name}.log`)}`);
  if (dead.length > 0) process.exitCode = 1;
}

async function env(): Promise<void> {
  readLab();
  console.log(`export KUBECONFIG='${adminKubeconfig()}'`);
  console.log(`export PATH='${binDir()}':"$PATH"`);
}

function changing(action: () => Promise<void>): Promise<void> {
  return withLock(action);
}

const verb = verbs[process.argv[2] ?? ""];
if (verb === undefined) {
  console.error(`usage: lab/main.ts ${Object.keys(verbs).join("|")}`);
  process.exit(2);
}
try {
  await verb();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
