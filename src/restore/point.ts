import { createHash } from "node:crypto";
import { posix } from "node:path";
import { ahead } from "../base/ahead.ts";
import { Fault } from "../base/fault.ts";
import { openShelf } from "../base/shelf.ts";
import { type Keep, type Kept, keepOn } from "../flow/kept.ts";
import { type ObjectList, objectList } from "../flow/object-list.ts";
import type { KindRecord, ObjectsRecord, RecoveryPoint } from "../flow/recovery-point.ts";
import type { ListItem } from "../kube/contract.ts";
import { listItem } from "../kube/list-item.ts";
import { splitList } from "../kube/split-list.ts";
import type { TargetStore, TreeFile } from "../store/contract.ts";

export interface PointContent {
  /** Of the namespaces that were asked for. */
  readonly objects: ObjectList;
  readonly clusterObjects: ObjectList;
}

/** As many at a time as a backup writes: each sleeps a while over its lock. */
const begunBefore = 5;

/** The objects of a point, each file compared with its SHA-256 in the manifest. `keep`: where they lie. */
export async function readPointObjects(
  target: TargetStore,
  point: RecoveryPoint,
  namespaces: readonly string[],
  keep: Keep = keepOn(openShelf()),
): Promise<PointContent> {
  const wanted = point.namespaces.filter((one) => namespaces.includes(one.name)).map((one) => one.objects);
  const objects: Kept[] = [];
  const clusterObjects: Kept[] = [];
  // One after the other, for the sake of memory. Each is a process that takes its time to begin: some are begun before.
  for await (const [record, files] of ahead(
    [...wanted, point.clusterObjects],
    (one) => filesOf(target, one),
    begunBefore,
  )) {
    const list = record === point.clusterObjects ? clusterObjects : objects;
    await readRecord(record, files, ({ object, whole }) => list.push(keep(object, undefined, whole)));
  }
  return { objects: objectList(objects), clusterObjects: objectList(clusterObjects) };
}

async function* filesOf(target: TargetStore, record: ObjectsRecord): AsyncIterable<TreeFile> {
  const [first] = record.kinds;
  if (!first) return;
  const repository = await target.existingRepository(record.repository);
  yield* repository.readFiles(record.snapshot, posix.dirname(first.path));
}

async function readRecord(
  record: ObjectsRecord,
  files: AsyncIterable<TreeFile>,
  give: (item: ListItem) => void,
): Promise<void> {
  const missing = new Map(record.kinds.map((kind) => [kind.path, kind]));
  for await (const file of files) {
    const kind = missing.get(file.path);
    if (!kind) continue; // not named by the manifest
    missing.delete(file.path);
    await readKind(file, kind, give);
  }
  for (const kind of missing.values()) {
    throw new Fault(
      "DAMAGED",
      `${kind.path} is missing in snapshot ${record.snapshot.slice(0, 8)} of ${record.repository}`,
      {
        hint: "restore from another point; holdfast verify says what else is hurt",
      },
    );
  }
}

/** Object by object, as the bytes come: memory holds one of them. The caller forgets them where the whole is not as it was. */
async function readKind(file: TreeFile, kind: KindRecord, give: (item: ListItem) => void): Promise<void> {
  const hash = createHash("sha256");
  const splitter = splitList();
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
  const damaged = (what: string) =>
    new Fault("DAMAGED", `${kind.path} ${what}`, {
      hint: "restore from another point; holdfast verify says what else is hurt",
    });
  try {
    for await (const chunk of file.body) {
      hash.update(chunk);
      for (const bytes of splitter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))) {
        give(listItem(bytes, { apiVersion, kind: kind.kind }));
      }
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(`is no list of objects: ${error.message}`);
    throw error;
  }
  const sha256 = hash.digest("hex");
  if (sha256 !== kind.sha256) throw damaged(`differs from what was backed up: SHA-256 ${sha256}, not ${kind.sha256}`);
}
