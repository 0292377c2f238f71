import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { writeLab } from "./lab-file.ts";
import { labDir, labFile } from "./paths.ts";
import { parts } from "./parts.ts";
import { areDeployed } from "./platform/deployed.ts";
import { operatorParts, platformParts } from "./platform/parts.ts";
import { closeLabKube } from "./platform/settings.ts";
import { refuseWhereImpossible } from "./preflight.ts";
import { withLock } from "./run/lock.ts";
import type { Part } from "./run/part.ts";
import { listProcesses, stopProcess, stopStrays } from "./run/process.ts";
import { bringUp, takeDown } from "./run/runner.ts";

/** Every part, those of the AI platform too. */
export const allParts: readonly Part[] = [...parts, ...platformParts];

/**
 * Brings up the cluster with storage, registry and object stores, and the platform's operators where this cluster already has
 * them. More parts may be brought up beside them.
 */
export function up(also: readonly Part[] = []): Promise<void> {
  return withLock(() => bring([...parts, ...(areDeployed() ? operatorParts : []), ...also]));
}

/** Brings up the lab and the AI platform in it. */
export function platform(): Promise<void> {
  return withLock(() => bring(allParts));
}

/** Ends everything that runs, and takes mounts, network and control groups away. State stays, unless purged. */
export function down(options: { readonly purge: boolean }): Promise<void> {
  return withLock(async () => {
    await stopAll();
    if (!options.purge) return;
    await empty();
    // Moved away first, so that what an interrupted purge leaves is never taken for a lab.
    const doomed = `${labDir()}.purged`;
    rmSync(doomed, { recursive: true, force: true });
    renameSync(labDir(), doomed);
    rmSync(doomed, { recursive: true, force: true });
  });
}

/** Throws the cluster and the platform's object store away and brings up an empty one. The backup target stays. */
export function reset(): Promise<void> {
  return withLock(async () => {
    await refuseWhereImpossible();
    await empty();
    await bring(parts);
  });
}

async function bring(wanted: readonly Part[]): Promise<void> {
  await refuseWhereImpossible();
  if (existsSync(emptying())) await empty();
  await bringUp(wanted);
  await writeLab();
}

/** Throws the cluster's state away. A mark says that it is under way, so that the next start ends what was cut off. */
async function empty(): Promise<void> {
  writeFileSync(emptying(), "");
  await closeLabKube(); // it trusts the certificates of the cluster that goes
  await stopAll();
  await takeDown(allParts, "reset");
  rmSync(emptying());
}

function emptying(): string {
  return labDir("emptying");
}

async function stopAll(): Promise<void> {
  rmSync(labFile(), { force: true });
  await takeDown(allParts);
  for (const { name } of listProcesses()) await stopProcess(name);
  await stopStrays();
  rmSync(labDir("run"), { recursive: true, force: true });
}
