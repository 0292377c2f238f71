/** API objects, as the server's own bytes (DESIGN.md D1): listed kind by kind, then saved as one snapshot per namespace. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import { toFault } from "../base/fault.ts";
import type { Shelf } from "../base/shelf.ts";
import type { BackupStep } from "../flow/backup-plan.ts";
import { choose } from "../flow/backup-scope.ts";
import type { Inventory } from "../flow/inventory.ts";
import { type Kept, traitsOf } from "../flow/kept.ts";
import { type ApiResource, type KubeObject, refKey, refOf, resourceName } from "../flow/object.ts";
import type { KindRecord, ObjectsRecord } from "../flow/recovery-point.ts";
import type { KubeClient, ListItem } from "../kube/contract.ts";
import { runLabel } from "../movers/contract.ts";
import { type Capture, repositoryOf, tagsOf } from "./context.ts";
import { type FirstLists, placeOf, unreadPlaces } from "./first-lists.ts";
import { writeListFile } from "./list-file.ts";

type ObjectsStep = Extract<BackupStep, { kind: "objects" }>;

/** What was listed of one namespace (null: the cluster-scoped objects). Its bytes lie on a shelf. */
export interface ListedObjects {
  readonly namespace: string | null;
  readonly kinds: readonly ListedKind[];
  readonly listedAt: { readonly from: string; readonly to: string };
}

interface ListedKind {
  readonly resource: ApiResource;
  readonly count: number;
  /** Whole items, with apiVersion and kind. */
  items(): Iterable<Buffer>;
}

const width = 8;
/** Put on the shelf together, so that they lie together, and not between those of other lists. */
const atOnce = 64;
/** More names than this of one kind, and the whole kind is listed instead of each name. */
const maxByName = 12;

/** Reads all lists, now: what they say belongs to the cut. `first`: lists that serve as well. */
export async function listObjects(
  capture: Capture,
  shelf: Shelf,
  steps: readonly ObjectsStep[],
  inventory: Inventory,
  seen: (object: KubeObject) => void,
  first?: FirstLists,
): Promise<readonly ListedObjects[]> {
  const limit = pLimit(width);
  const unread = unreadPlaces(inventory);
  return Promise.all(
    steps.map(async (step): Promise<ListedObjects> => {
      const isTaken = taker(step);
      const from = new Date().toISOString();
      const kinds = await Promise.all(
        resourcesOf(step, inventory, unread).map((resource) =>
          limit(async (): Promise<ListedKind> => {
            capture.signal.throwIfAborted();
            const known = step.namespace === null ? undefined : first?.(step.namespace, resource);
            if (known) return listedBefore(resource, chosenOf(known, step, isTaken));
            const items = await shelve(shelf, wanted(capture, step, resource, inventory, isTaken, seen));
            return { resource, count: items.length, items: () => bytesOf(shelf, items) };
          }),
        ),
      );
      const isFirst = first !== undefined && step.namespace !== null;
      const listedAt = { from: isFirst ? inventory.takenAt : from, to: new Date().toISOString() };
      return { namespace: step.namespace, kinds: kinds.filter((one) => one.count > 0), listedAt };
    }),
  );
}

function listedBefore(resource: ApiResource, known: readonly Kept[]): ListedKind {
  return { resource, count: known.length, items: () => sentBytes(known) };
}

function* sentBytes(known: readonly Kept[]): Generator<Buffer> {
  for (const one of known) yield one.bytes ?? Buffer.from(JSON.stringify(one.object));
}

/** Where everything is taken, only what carries a label of Holdfast's has to be looked at. */
function chosenOf(
  known: readonly Kept[],
  step: ObjectsStep,
  isTaken: (object: KubeObject) => boolean,
): readonly Kept[] {
  const takesAll = !step.include && !step.exclude;
  return known.filter((one) => {
    if (takesAll && !traitsOf(one).isMarked) return true;
    const { object } = one;
    return !isOfRun(object) && isTaken(object);
  });
}

/** Made by a backup for the time of a backup. */
function isOfRun({ metadata }: KubeObject): boolean {
  return metadata.labels?.[runLabel] !== undefined;
}

async function shelve(shelf: Shelf, items: AsyncIterable<Buffer>): Promise<readonly number[]> {
  const numbers: number[] = [];
  let some: Buffer[] = [];
  const shelveSome = () => {
    for (const item of some) numbers.push(shelf.put(item));
    some = [];
  };
  for await (const item of items) if (some.push(item) === atOnce) shelveSome();
  shelveSome();
  return numbers;
}

/** Writes the lists of one namespace as files, for as long as it takes to save them: in pods, their directory is memory. */
export async function saveObjects(capture: Capture, listed: ListedObjects): Promise<ObjectsRecord> {
  const { clusterUid, target, signal, staging } = capture;
  const folder = listed.namespace ?? "_cluster";
  const directory = join(staging, folder);
  const repositoryName = repositoryOf(clusterUid, listed.namespace);
  const repository = await target.repository(repositoryName);
  try {
    await mkdir(join(directory, "objects", folder), { recursive: true, mode: 0o700 }); // restic refuses to save nothing at all
    const kinds: KindRecord[] = [];
    for (const { resource, items } of listed.kinds) {
      const path = `/objects/${folder}/${resourceName(resource)}.json`;
      const file = await writeListFile(join(directory, path), items());
      const { group, version, kind, plural, namespaced } = resource;
      kinds.push({ group, version, kind, plural, namespaced, path, ...file });
    }
    const source = { directory, host: `objects-${folder}`, tags: tagsOf(capture), reread: true };
    const { snapshot, added } = await repository.saveTree(source, { signal });
    return { repository: repositoryName, snapshot, listedAt: listed.listedAt, kinds, added };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function* bytesOf(shelf: Shelf, numbers: readonly number[]): Generator<Buffer> {
  for (const number of numbers) yield shelf.bytes(number);
}

function resourcesOf(
  { namespace }: ObjectsStep,
  inventory: Inventory,
  unread: ReadonlySet<string>,
): readonly ApiResource[] {
  const all =
    namespace === null
      ? inventory.objects.filter((one) => one.ref.namespace === undefined).map((one) => one.resource)
      : inventory.resources.filter((one) => one.namespaced && !unread.has(placeOf(namespace, one)));
  return [...new Map(all.map((one) => [resourceName(one), one])).values()];
}

async function* wanted(
  capture: Capture,
  step: ObjectsStep,
  resource: ApiResource,
  inventory: Inventory,
  isTaken: (object: KubeObject) => boolean,
  seen: (object: KubeObject) => void,
): AsyncGenerator<Buffer> {
  const source =
    step.namespace === null
      ? ofCluster(capture.client, resource, inventory)
      : inNamespace(capture.client, resource, step.namespace);
  for await (const item of source) {
    const { object } = item;
    if (isOfRun(object) || !isTaken(object)) continue;
    seen(object);
    yield item.whole;
  }
}

/** By the filters of the step; of the cluster's objects the plan has said it one by one. */
function taker({ namespace, include, exclude, related, leftOut }: ObjectsStep): (object: KubeObject) => boolean {
  const out = new Set(leftOut);
  if (namespace === null) return (object) => !out.has(refKey(refOf(object)));
  const kept = new Set(related);
  const filter = {
    ...(include ? { include } : {}),
    ...(exclude ? { exclude } : {}),
    isRelated: (object: KubeObject) => kept.has(refKey(refOf(object))),
  };
  return (object) => choose(object, filter).in;
}

async function* inNamespace(client: KubeClient, resource: ApiResource, namespace: string): AsyncGenerator<ListItem> {
  try {
    yield* client.list(resource, { namespace });
  } catch (error) {
    if (toFault(error).code !== "NOT_FOUND") throw error; // else its CRD was removed since the inventory, and with it the objects
  }
}

/** The ones that the inventory reached, and no others of their kind. */
async function* ofCluster(client: KubeClient, resource: ApiResource, inventory: Inventory): AsyncGenerator<ListItem> {
  const names = inventory.objects
    .filter(
      (one) => one.ref.namespace === undefined && one.ref.kind === resource.kind && one.ref.group === resource.group,
    )
    .map((one) => one.ref.name);
  if (names.length <= maxByName) {
    for (const name of names.sort()) yield* client.list(resource, { fields: `metadata.name=${name}` });
    return;
  }
  const set = new Set(names);
  for await (const item of client.list(resource)) if (set.has(item.object.metadata.name)) yield item;
}
