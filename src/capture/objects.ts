/** API objects, as the server's own bytes (DESIGN.md D1): listed kind by kind into files, then saved as one snapshot per namespace. */
import { join } from "node:path";
import pLimit from "p-limit";
import { toFault } from "../base/fault.ts";
import type { BackupStep } from "../flow/backup-plan.ts";
import { choose } from "../flow/backup-scope.ts";
import type { Inventory } from "../flow/inventory.ts";
import { type ApiResource, type KubeObject, refKey, refOf } from "../flow/object.ts";
import type { KindRecord, ObjectsRecord } from "../flow/recovery-point.ts";
import type { KubeClient } from "../kube/contract.ts";
import { runLabel } from "../movers/contract.ts";
import { type Capture, repositoryOf, tagsOf } from "./context.ts";
import { writeListFile } from "./list-file.ts";

type ObjectsStep = Extract<BackupStep, { kind: "objects" }>;

/** What one namespace (null: the cluster-scoped objects) has in `directory`. */
export interface ListedObjects {
  readonly namespace: string | null;
  readonly directory: string;
  readonly kinds: readonly KindRecord[];
}

const width = 8;
/** More names than this of one kind, and the whole kind is listed instead of each name. */
const maxByName = 12;

export async function listObjects(
  capture: Capture,
  steps: readonly ObjectsStep[],
  inventory: Inventory,
  seen: (object: KubeObject) => void,
): Promise<readonly ListedObjects[]> {
  const limit = pLimit(width);
  return Promise.all(
    steps.map(async (step): Promise<ListedObjects> => {
      const folder = step.namespace ?? "_cluster";
      const directory = join(capture.staging, folder);
      const isTaken = taker(step);
      const listed = await Promise.all(
        resourcesOf(step, inventory).map((resource) =>
          limit(async (): Promise<KindRecord | undefined> => {
            capture.signal.throwIfAborted();
            const path = `/objects/${folder}/${fileName(resource)}`;
            const items = wanted(capture, step, resource, inventory, isTaken, seen);
            const { count, bytes, sha256 } = await writeListFile(join(directory, path), resource, items);
            if (count === 0) return undefined;
            const { group, version, kind, plural, namespaced } = resource;
            return { group, version, kind, plural, namespaced, path, count, bytes, sha256 };
          }),
        ),
      );
      return { namespace: step.namespace, directory, kinds: listed.filter((one) => one !== undefined) };
    }),
  );
}

export async function saveObjects(capture: Capture, listed: ListedObjects): Promise<ObjectsRecord> {
  const { clusterUid, target, signal } = capture;
  const name = repositoryOf(clusterUid, listed.namespace);
  const repository = await target.repository(name);
  const source = {
    directory: listed.directory,
    host: `objects-${listed.namespace ?? "_cluster"}`,
    tags: tagsOf(capture),
    reread: true,
  };
  const { snapshot, added } = await repository.saveTree(source, { signal });
  return { repository: name, snapshot, kinds: listed.kinds, added };
}

function fileName({ plural, group }: ApiResource): string {
  return group ? `${plural}.${group}.json` : `${plural}.json`;
}

function resourcesOf(step: ObjectsStep, inventory: Inventory): readonly ApiResource[] {
  const all =
    step.namespace === null
      ? inventory.objects.filter((one) => one.ref.namespace === undefined).map((one) => one.resource)
      : inventory.resources.filter((one) => one.namespaced);
  return [...new Map(all.map((one) => [fileName(one), one])).values()];
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
    if (object.metadata.labels?.[runLabel] !== undefined) continue; // made by a backup for the time of a backup
    if (!isTaken(object)) continue;
    seen(object);
    yield item.bytes;
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

async function* inNamespace(
  client: KubeClient,
  resource: ApiResource,
  namespace: string,
): ReturnType<typeof ofCluster> {
  try {
    yield* client.list(resource, { namespace });
  } catch (error) {
    if (toFault(error).code !== "NOT_FOUND") throw error; // else its CRD was removed since the inventory, and with it the objects
  }
}

/** The ones that the inventory reached, and no others of their kind. */
async function* ofCluster(
  client: KubeClient,
  resource: ApiResource,
  inventory: Inventory,
): AsyncGenerator<{ bytes: Buffer; object: KubeObject }> {
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
