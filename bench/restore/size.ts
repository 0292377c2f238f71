/** All measurements over one set of objects. */
import type { KubeObject } from "../../src/flow/object.ts";
import { type Api, countPresent, createAll, createNamespaces, namespacesOf, wipe } from "./api.ts";
import * as holdfast from "./holdfast.ts";
import type { Measured } from "./measured.ts";
import { mixedObjects } from "./objects.ts";
import type { World } from "./servers.ts";
import { say } from "./table.ts";
import * as velero from "./velero.ts";

/** What can be said of all of them. */
export interface Run {
  readonly seconds: number;
  readonly cpu: number;
  /** Of the API server and etcd meanwhile: on a busy machine the sum of both is the better clock. */
  readonly serverCpu: number;
}

export interface SizeResult {
  readonly name: string;
  readonly objects: number;
  readonly namespaces: number;
  /** The plain client, before and after the others. */
  readonly plain: readonly [Run, Run];
  readonly backup: {
    readonly first: Run & Measured;
    readonly again: Run & Measured;
    readonly velero?: Run & velero.VeleroRun;
  };
  readonly restore: {
    readonly holdfast: Run & Measured & { writing: number };
    readonly velero?: Run & velero.VeleroRun;
  };
}

export interface VeleroOptions {
  readonly run: boolean;
  readonly restoreMax: number;
}

export function runSize(world: World, count: number, options: VeleroOptions): Promise<SizeResult> {
  return runObjects(world, `mixed-${count}`, mixedObjects(count), options);
}

/** `id` names the backups. `mayLeave`: objects that a product rightly does not write back do not count as lost. */
export async function runObjects(
  world: World,
  id: string,
  objects: readonly KubeObject[],
  options: VeleroOptions & { readonly mayLeave?: boolean },
): Promise<SizeResult> {
  const count = objects.length;
  const names = namespacesOf(objects);
  const { api } = world;
  const whole = async (who: string) => (options.mayLeave ? undefined : expectAll(who, api, objects));

  const before = await plain(world, objects);
  const first = await told(world, "Holdfast's first backup", count, () => holdfast.backUp(world, id, names));
  const again = await told(world, "Holdfast's second full backup", count, () => holdfast.backUp(world, id, names));
  const veleroBackup = options.run
    ? await told(world, "Velero's backup", count, () => velero.backUp(world, id, names))
    : undefined;
  await wiped(api, objects);

  const restored = await told(world, "Holdfast's restore", count, () => holdfast.restore(world, id, again.id));
  await whole("Holdfast");
  await wiped(api, objects);

  const after = await plain(world, objects);
  await wiped(api, objects);

  let veleroRestore: SizeResult["restore"]["velero"];
  if (options.run && count <= options.restoreMax) {
    veleroRestore = await told(world, "Velero's restore", count, () => velero.restore(world, id));
    await whole("Velero");
    await wiped(api, objects);
  }
  return {
    name: id,
    objects: count,
    namespaces: names.length,
    plain: [before, after],
    backup: { first, again, ...(veleroBackup ? { velero: veleroBackup } : {}) },
    restore: { holdfast: restored, ...(veleroRestore ? { velero: veleroRestore } : {}) },
  };
}

async function plain(world: World, objects: readonly KubeObject[]): Promise<Run> {
  await createNamespaces(world.api, objects);
  return told(world, "a plain client's creates", objects.length, async () => {
    const before = process.cpuUsage();
    const seconds = await createAll(world.api, objects);
    const { user, system } = process.cpuUsage(before);
    return { seconds, cpu: (user + system) / 1e6 };
  });
}

async function told<T extends { readonly seconds: number }>(
  world: World,
  what: string,
  count: number,
  work: () => Promise<T>,
): Promise<T & { readonly serverCpu: number }> {
  const before = world.serverCpu();
  const result = { ...(await work()), serverCpu: world.serverCpu() - before };
  say(`${what}: ${count} objects in ${result.seconds.toFixed(1)} s, ${Math.round(count / result.seconds)}/s`);
  return result;
}

async function wiped(api: Api, objects: readonly KubeObject[]): Promise<void> {
  await wipe(api, objects);
  const left = await countPresent(api, objects);
  if (left > 0) throw new Error(`${left} objects are still there after the wipe`);
  say("all objects and their namespaces are gone");
}

/** A fast restore that leaves something out is no restore. */
async function expectAll(who: string, api: Api, objects: readonly KubeObject[]): Promise<void> {
  const present = await countPresent(api, objects);
  if (present < objects.length) throw new Error(`${who} brought ${present} of ${objects.length} objects back`);
}
