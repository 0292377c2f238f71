/** All measurements over one set of objects. */
import type { KubeObject } from "../../src/flow/object.ts";
import { type Api, countPresent, createAll, createNamespaces, namespacesOf, wipe } from "./api.ts";
import * as holdfast from "./holdfast.ts";
import type { Measured } from "./measured.ts";
import { mixedObjects } from "./objects.ts";
import type { World } from "./servers.ts";
import { say } from "./table.ts";
import * as velero from "./velero.ts";

export interface SizeResult {
  readonly objects: number;
  readonly namespaces: number;
  /** Seconds of the plain client, before and after the others. */
  readonly plain: readonly [number, number];
  readonly backup: { readonly first: Measured; readonly again: Measured; readonly velero?: velero.VeleroRun };
  readonly restore: { readonly holdfast: Measured & { writing: number }; readonly velero?: velero.VeleroRun };
}

export async function runSize(
  world: World,
  count: number,
  options: { readonly run: boolean; readonly restoreMax: number },
): Promise<SizeResult> {
  const objects = mixedObjects(count);
  const names = namespacesOf(objects);
  const { api } = world;
  const id = `n${count}`;

  const before = await plain(api, objects);
  const first = await told("Holdfast's first backup", count, () => holdfast.backUp(world, id, names));
  const again = await told("Holdfast's second full backup", count, () => holdfast.backUp(world, id, names));
  const veleroBackup = options.run
    ? await told("Velero's backup", count, () => velero.backUp(world, id, names))
    : undefined;
  await wiped(api, objects);

  const restored = await told("Holdfast's restore", count, () => holdfast.restore(world, id, again.id));
  await expectAll("Holdfast", api, objects);
  await wiped(api, objects);

  const after = await plain(api, objects);
  await wiped(api, objects);

  let veleroRestore: velero.VeleroRun | undefined;
  if (options.run && count <= options.restoreMax) {
    veleroRestore = await told("Velero's restore", count, () => velero.restore(world, id));
    await expectAll("Velero", api, objects);
    await wiped(api, objects);
  }
  return {
    objects: count,
    namespaces: names.length,
    plain: [before, after],
    backup: { first, again, ...(veleroBackup ? { velero: veleroBackup } : {}) },
    restore: { holdfast: restored, ...(veleroRestore ? { velero: veleroRestore } : {}) },
  };
}

async function plain(api: Api, objects: readonly KubeObject[]): Promise<number> {
  await createNamespaces(api, objects);
  const { seconds } = await told("a plain client's creates", objects.length, async () => ({
    seconds: await createAll(api, objects),
  }));
  return seconds;
}

async function told<T extends { readonly seconds: number }>(
  what: string,
  count: number,
  work: () => Promise<T>,
): Promise<T> {
  const result = await work();
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
