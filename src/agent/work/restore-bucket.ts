import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import pLimit from "p-limit";
import { Fault } from "../../base/fault.ts";
import type { BucketObject } from "../../flow/recovery-point.ts";
import type { MoverResult, MoverWork } from "../../movers/contract.ts";
import type { WorkPlace } from "./place.ts";
import { listObjects, openBucket, type OpenBucket } from "./s3.ts";
import { putFile, putStream, putText } from "./upload.ts";

type Work = Extract<MoverWork, { kind: "restore-bucket" }>;

const largeBytes = 64 << 20;
const uploads = 6;

/**
 * Puts the objects back. What the bucket has already (same size and ETag) is left alone, others of the bucket are never
 * touched. Small ones of one snapshot come out of it in one run; each is compared with its recorded SHA-256 before it goes up,
 * a large one before its upload is completed.
 */
export async function restoreBucket(place: WorkPlace, work: Work): Promise<MoverResult> {
  const bucket = await openBucket(work.bucket, place.signal);
  try {
    const missing = await missingIn(bucket, work.objects);
    const total = missing.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    const count = (bytes: number) => place.onBytes((done += bytes), total);
    const small = missing.filter(({ size }) => size <= largeBytes);
    for (const group of Map.groupBy(small, ({ snapshot }) => snapshot).values())
      await restoreGroup(place, bucket, group, count);
    for (const object of missing.filter(({ size }) => size > largeBytes))
      await restoreLarge(place, bucket, object, count);
    await checkAll(bucket, work.objects);
    for (const { key, text } of work.written ?? []) await putText(bucket, key, text);
    return { kind: "bucket-restored", objects: missing.length, bytes: total };
  } finally {
    bucket.close();
  }
}

async function missingIn(bucket: OpenBucket, objects: readonly BucketObject[]): Promise<BucketObject[]> {
  const there = await sizesIn(bucket, objects);
  return objects.filter(({ key, size, etag }) => {
    const found = there.get(key);
    return !found || found.size !== size || found.etag !== etag;
  });
}

/** Of all objects, however many others the bucket holds: only what is under their common beginning is listed. */
async function sizesIn(
  bucket: OpenBucket,
  objects: readonly BucketObject[],
): Promise<Map<string, { size: number; etag: string }>> {
  const wanted = new Set(objects.map(({ key }) => key));
  const found = new Map<string, { size: number; etag: string }>();
  if (wanted.size === 0) return found;
  for await (const { key, size, etag } of listObjects(bucket, [commonPrefix([...wanted])])) {
    if (wanted.has(key)) found.set(key, { size, etag });
  }
  return found;
}

export function commonPrefix(keys: readonly string[]): string {
  const [first = "", ...others] = keys;
  let length = first.length;
  for (const key of others) {
    while (length > 0 && !key.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}

async function restoreGroup(
  place: WorkPlace,
  bucket: OpenBucket,
  group: readonly BucketObject[],
  count: (bytes: number) => void,
): Promise<void> {
  const { repository, signal, scratch } = place;
  const wanted = Map.groupBy(group, ({ path }) => path);
  const running = new Set<Promise<void>>();
  const limit = pLimit(uploads);
  let number = 0;
  let failure: unknown;
  const files =
    wanted.size === 1
      ? [
          {
            path: group[0]!.path,
            body: repository.openFile(group[0]!.snapshot, group[0]!.path) as AsyncIterable<Uint8Array>,
          },
        ]
      : repository.readFiles(group[0]!.snapshot, folderOf([...wanted.keys()]));
  for await (const { path, body } of files) {
    if (failure) break;
    signal.throwIfAborted();
    const objects = wanted.get(path);
    if (!objects) continue;
    wanted.delete(path);
    const file = join(scratch, `object-${number++}`);
    await checkedFile(file, body, objects[0]!, signal);
    const task = limit(async () => {
      for (const object of objects) {
        await putFile(bucket, object, file);
        count(object.size);
      }
    })
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        running.delete(task);
        return rm(file, { force: true });
      });
    running.add(task);
    if (running.size > uploads * 2) await Promise.race(running); // bounds what lies in scratch
  }
  await Promise.all(running);
  if (failure) throw failure;
  const [lost] = wanted.values();
  if (lost) {
    throw new Fault("DAMAGED", `snapshot ${lost[0]!.snapshot.slice(0, 8)} does not hold ${lost[0]!.path}`, {
      hint: "verify the point",
    });
  }
}

/** The folder that holds all paths. */
function folderOf(paths: readonly string[]): string {
  return posix.dirname(`${commonPrefix(paths)}x`);
}

/** A file with the object's bytes; refuses bytes other than the recorded ones. */
async function checkedFile(
  file: string,
  body: AsyncIterable<Uint8Array>,
  object: BucketObject,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash("sha256");
  const source = async function* () {
    for await (const chunk of body) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(source, createWriteStream(file), { signal });
  refuseDifferent(object, hash.digest("hex"));
}

async function restoreLarge(
  { repository, signal }: WorkPlace,
  bucket: OpenBucket,
  object: BucketObject,
  count: (bytes: number) => void,
): Promise<void> {
  const hash = createHash("sha256");
  const source = async function* () {
    for await (const chunk of repository.openFile(object.snapshot, object.path) as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      hash.update(chunk);
      count(chunk.length);
      yield chunk;
    }
  };
  await putStream(bucket, object, source(), () => refuseDifferent(object, hash.digest("hex")));
}

function refuseDifferent(object: BucketObject, sha256: string): void {
  if (sha256 === object.sha256) return;
  throw new Fault(
    "DIFFERENT",
    `${object.key} is not the saved object: SHA-256 ${sha256}, recorded ${object.sha256}; it was not uploaded`,
    {
      hint: "verify the point with all data",
    },
  );
}

/** The bucket's own word on what it has now. */
async function checkAll(bucket: OpenBucket, objects: readonly BucketObject[]): Promise<void> {
  const there = await sizesIn(bucket, objects);
  const wrong = objects.filter(({ key, size }) => there.get(key)?.size !== size);
  if (wrong.length === 0) return;
  const names = wrong.slice(0, 5).map(({ key, size }) => `${key} (${there.get(key)?.size ?? "none"} of ${size} bytes)`);
  throw new Fault("DIFFERENT", `${bucket.where} does not hold what was uploaded: ${names.join(", ")}`, {
    hint: "does something else write to the bucket, or a lifecycle rule remove from it?",
    retry: "soon",
  });
}
