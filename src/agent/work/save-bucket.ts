import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pLimit from "p-limit";
import type { BucketObject } from "../../flow/recovery-point.ts";
import type { MoverResult, MoverWork } from "../../movers/contract.ts";
import { batches } from "./batches.ts";
import { contentsOfBucket } from "./contents.ts";
import { objectPaths } from "./object-paths.ts";
import type { WorkPlace } from "./place.ts";
import {
  Changed,
  headObject,
  type ListedObject,
  listObjects,
  type ObjectFacts,
  openBucket,
  type OpenBucket,
  readObject,
} from "./s3.ts";

type Work = Extract<MoverWork, { kind: "save-bucket" }>;

/** From here on an object gets a snapshot of its own and is streamed; smaller ones share one. */
const largeBytes = 64 << 20;
const batchLimits = { bytes: 256 << 20, count: 10_000 };
const width = 8;
const tries = 3;

/**
 * Saves the newest version of the objects under the prefixes. What is unchanged since `previous` is taken over without a
 * request. An object that changes while it is read is read again; one that keeps changing, or is gone, is named.
 */
export async function saveBucket(place: WorkPlace, work: Work): Promise<MoverResult> {
  const bucket = await openBucket(work.bucket, place.signal);
  try {
    const known = new Map(work.reread ? [] : work.previous.map((object) => [object.key, object]));
    const kept: BucketObject[] = [];
    const fresh: ListedObject[] = [];
    for await (const listed of listObjects(bucket, work.prefixes)) {
      const before = known.get(listed.key);
      if (before && isSame(before, listed)) kept.push(before);
      else fresh.push(listed);
    }
    const job = saving(
      place,
      work,
      bucket,
      fresh.reduce((sum, { size }) => sum + size, 0),
    );
    for (const batch of batches(
      fresh.filter(({ size }) => size <= largeBytes),
      batchLimits,
    ))
      await job.saveBatch(batch);
    for (const large of fresh.filter(({ size }) => size > largeBytes)) await job.saveLarge(large);
    const objects = [...kept, ...job.saved].sort((a, b) => (a.key < b.key ? -1 : 1));
    const contents = await contentsOfBucket(bucket, objects);
    return {
      kind: "bucket-saved",
      objects,
      bytes: objects.reduce((sum, { size }) => sum + size, 0),
      added: job.added(),
      ...(job.missed.length > 0 ? { missed: job.missed } : {}),
      ...(contents ? { contents } : {}),
    };
  } finally {
    bucket.close();
  }
}

/** Where a bucket has versions both sides know one; without, the ETag and the size must do. */
export function isSame(before: BucketObject, now: ListedObject): boolean {
  const version = before.versionId === undefined || now.versionId === undefined || before.versionId === now.versionId;
  return version && before.etag === now.etag && before.size === now.size;
}

function saving(place: WorkPlace, work: Work, bucket: OpenBucket, total: number) {
  const { repository, scratch, signal, onBytes } = place;
  const saved: BucketObject[] = [];
  const missed: string[] = [];
  const host = `bucket-${work.bucket.bucket}`;
  let added = 0;
  let done = 0;
  const count = (chunk: Buffer) => onBytes((done += chunk.length), total);

  async function saveBatch(batch: readonly ListedObject[]): Promise<void> {
    const folder = join(scratch, "batch");
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const paths = objectPaths(
      work.bucket.bucket,
      batch.map(({ key }) => key),
    );
    const limit = pLimit(width);
    const fetched = await Promise.all(
      batch.map(({ key }) =>
        limit(() =>
          steady(key, async (facts) => ({
            key,
            facts,
            sha256: await fetchTo(join(folder, paths.get(key)!), key, facts),
          })),
        ),
      ),
    );
    const there = fetched.filter((one) => one !== undefined);
    if (there.length > 0) {
      const { snapshot, added: more } = await repository.saveTree(
        { directory: folder, host, tags: work.tags, reread: true },
        { signal },
      );
      added += more;
      for (const { key, facts, sha256 } of there)
        saved.push({ key, ...facts, sha256, snapshot, path: paths.get(key)! });
    }
    await rm(folder, { recursive: true, force: true });
  }

  async function fetchTo(file: string, key: string, facts: ObjectFacts): Promise<string> {
    await mkdir(dirname(file), { recursive: true });
    const hash = createHash("sha256");
    const source = async function* () {
      for await (const chunk of readObject(bucket, key, facts)) {
        hash.update(chunk);
        count(chunk);
        yield chunk;
      }
    };
    await pipeline(source, createWriteStream(file), { signal });
    return hash.digest("hex");
  }

  async function saveLarge({ key }: ListedObject): Promise<void> {
    const path = objectPaths(work.bucket.bucket, [key]).get(key)!;
    const one = await steady(key, async (facts) => {
      const source = async function* () {
        for await (const chunk of readObject(bucket, key, facts)) {
          count(chunk);
          yield chunk;
        }
      };
      const stream = Readable.from(source(), { objectMode: false, highWaterMark: 1 << 20 });
      return { facts, result: await repository.saveStream({ stream, path, host, tags: work.tags }, { signal }) };
    });
    if (!one) return;
    added += one.result.added;
    saved.push({ key, ...one.facts, sha256: one.result.sha256, snapshot: one.result.snapshot, path });
  }

  /** Reads until what was read is what the bucket has; undefined where that never comes. */
  async function steady<T>(key: string, read: (facts: ObjectFacts) => Promise<T>): Promise<T | undefined> {
    for (let tried = 0; tried < tries; tried++) {
      const facts = await headObject(bucket, key);
      if (!facts) break;
      try {
        const value = await read(facts);
        if ((await headObject(bucket, key))?.etag === facts.etag) return value;
      } catch (error) {
        if (!isChanged(error)) throw error;
      }
    }
    missed.push(key);
    return undefined;
  }

  return { saved, missed, added: () => added, saveBatch, saveLarge };
}

/** Also where it comes wrapped, out of the pipe to the repository. */
function isChanged(error: unknown): boolean {
  return error instanceof Changed || (error instanceof Error && error.cause !== undefined && isChanged(error.cause));
}
