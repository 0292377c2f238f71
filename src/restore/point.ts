import { createHash } from "node:crypto";
import { posix } from "node:path";
import { Fault } from "../base/fault.ts";
import { parseJson } from "../base/json.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KindRecord, ObjectsRecord, RecoveryPoint } from "../flow/recovery-point.ts";
import type { TargetStore, TreeFile } from "../store/contract.ts";

export interface PointContent {
  /** Of the namespaces that were asked for. */
  readonly objects: readonly KubeObject[];
  readonly clusterObjects: readonly KubeObject[];
}

/** The objects of a point, each file compared with its SHA-256 in the manifest. */
export async function readPointObjects(
  target: TargetStore,
  point: RecoveryPoint,
  namespaces: readonly string[],
): Promise<PointContent> {
  const wanted = point.namespaces.filter((one) => namespaces.includes(one.name));
  const objects: KubeObject[][] = [];
  // One after the other: each is a process that reads from the target, and memory holds one namespace's stream at a time.
  for (const record of wanted) objects.push(await readRecord(target, record.objects));
  return { objects: objects.flat(), clusterObjects: await readRecord(target, point.clusterObjects) };
}

async function readRecord(target: TargetStore, record: ObjectsRecord): Promise<KubeObject[]> {
  const [first] = record.kinds;
  if (!first) return [];
  const missing = new Map(record.kinds.map((kind) => [kind.path, kind]));
  const repository = await target.existingRepository(record.repository);
  const objects: KubeObject[] = [];
  for await (const file of repository.readFiles(record.snapshot, posix.dirname(first.path))) {
    const kind = missing.get(file.path);
    if (!kind) continue; // not named by the manifest
    missing.delete(file.path);
    objects.push(...(await readKind(file, kind)));
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
  return objects;
}

async function readKind(file: TreeFile, kind: KindRecord): Promise<KubeObject[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.body) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== kind.sha256) {
    throw new Fault("DAMAGED", `${kind.path} differs from what was backed up: SHA-256 ${sha256}, not ${kind.sha256}`, {
      hint: "restore from another point; holdfast verify says what else is hurt",
    });
  }
  const { items = [] }: { items?: KubeObject[] } = parseJson(bytes.toString("utf8"));
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
  // Items of a server's list come without these two.
  return items.map((item) => ({ ...item, apiVersion: item.apiVersion ?? apiVersion, kind: item.kind ?? kind.kind }));
}
