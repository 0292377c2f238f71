import { toFault } from "../../base/fault.ts";
import { directoryTree } from "../../content/directory-tree.ts";
import { scanTree } from "../../content/scan.ts";
import { steadyContents } from "../../content/steady.ts";
import type { Tree } from "../../content/tree.ts";
import type { Contents } from "../../flow/contents.ts";
import type { BucketObject } from "../../flow/recovery-point.ts";
import { type OpenBucket, readRange } from "./s3.ts";
import { checkSqlite } from "./sqlite.ts";

/** What a bucket is looked into for costs a request each. */
const bucketLooks = 500;

/** The weights and checkpoints of the volume. What cannot be looked at is said, and ends no backup. */
export function contentsOfVolume(data: string, signal: AbortSignal): Promise<Contents | undefined> {
  return unlessBroken(() => scanTree(directoryTree(data, signal), { signal }), signal);
}

/** The same of a volume that was cut in one moment: its SQLite files are checked too. */
export async function contentsOfCut(data: string, scratch: string, signal: AbortSignal): Promise<Contents | undefined> {
  const contents = await contentsOfVolume(data, signal);
  const databases = await unlessBroken(
    async () => ({ weights: [], runs: [], databases: await checkSqlite(data, scratch, signal) }),
    signal,
  );
  if (!databases?.unread && !databases?.databases?.length) return contents;
  return { ...databases, ...contents };
}

/** Of a volume that is in use while `save` reads it. */
export async function contentsOfLive<T>(
  data: string,
  signal: AbortSignal,
  save: () => Promise<T>,
): Promise<{ readonly saved: T; readonly contents: Contents | undefined }> {
  const before = await contentsOfVolume(data, signal);
  const saved = await save();
  return { saved, contents: steadyContents(before, await contentsOfVolume(data, signal)) };
}

/** Of the objects that were saved, in the versions that were saved. */
export function contentsOfBucket(bucket: OpenBucket, objects: readonly BucketObject[]): Promise<Contents | undefined> {
  const byKey = new Map(objects.map((one) => [one.key, one]));
  const tree: Tree = {
    kind: "objects",
    async *list() {
      for (const { key, size, lastModified } of objects)
        yield { path: key, size, mtime: Date.parse(lastModified) || 0 };
    },
    async read(path, offset, length) {
      const object = byKey.get(path);
      const end = Math.min(offset + length, object?.size ?? 0);
      return object && end > offset ? readRange(bucket, object, offset, end) : Buffer.alloc(0);
    },
  };
  const { signal } = bucket;
  return unlessBroken(() => scanTree(tree, { signal, looks: bucketLooks }), signal);
}

async function unlessBroken(
  scan: () => Promise<Contents | undefined>,
  signal: AbortSignal,
): Promise<Contents | undefined> {
  try {
    return await scan();
  } catch (error) {
    signal.throwIfAborted();
    return { weights: [], runs: [], unread: toFault(error).message };
  }
}
