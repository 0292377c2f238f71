import pLimit from "p-limit";
import { listObjects, openBucket } from "../../agent/work/s3.ts";
import { toFault } from "../../base/fault.ts";
import { within } from "../../base/wait.ts";
import type { Bucket, Inventory } from "../../flow/inventory.ts";
import { bucketKeysOf } from "../../flow/secret-value.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { secrets } from "../../kube/well-known.ts";
import { closureOf } from "../../plan/closure/index.ts";
import { isAt } from "../../plan/closure/point-bytes.ts";
import { referencesOf } from "../../plan/closure/references.ts";
import type { BucketSize } from "../../plan/inspect/report.ts";

/** For all buckets together: who asks in the night waits for no endpoint that this machine cannot reach. */
const patience = { attempts: 1, connectMs: 1500, answerMs: 4000 };
const mostObjects = 200_000;
const inFlight = 6;

/** How much is in the buckets, and what is named and not there, as far as a listing from here tells in a short time. */
export interface BucketContents {
  readonly sizes: ReadonlyMap<string, BucketSize>;
  readonly absent: NonNullable<Inventory["absent"]>;
}

export async function bucketContents(client: KubeClient, inventory: Inventory): Promise<BucketContents> {
  const limit = pLimit(inFlight);
  const signal = AbortSignal.timeout(patience.answerMs);
  const parts = namedParts(inventory);
  const looks = await Promise.all(
    inventory.buckets.map((bucket) => limit(() => lookInto(client, bucket, listedParts(bucket, parts), signal))),
  );
  return {
    sizes: new Map(looks.map(({ bucket, size }) => [bucket.id, size])),
    absent: looks.flatMap(({ bucket, absent }) => absent.map((part) => ({ place: bucket.id, part }))),
  };
}

/** The parts of each bucket on which an endpoint, a registered version or a pipeline stands. */
function namedParts(inventory: Inventory): ReadonlyMap<string, readonly string[]> {
  const ends = referencesOf(closureOf(inventory)).flatMap((one) => one.ends);
  return new Map([...Map.groupBy(ends, (one) => one.place)].map(([id, some]) => [id, some.map(({ part }) => part)]));
}

/** What is named elsewhere in the bucket is not listed, and so is not called absent. */
function listedParts({ id, prefixes }: Bucket, parts: ReturnType<typeof namedParts>): readonly string[] {
  return (parts.get(id) ?? []).filter((part) => prefixes.some(({ prefix }) => part.startsWith(prefix)));
}

interface Look {
  readonly bucket: Bucket;
  readonly size: BucketSize;
  readonly absent: readonly string[];
}

async function lookInto(
  client: KubeClient,
  bucket: Bucket,
  parts: readonly string[],
  signal: AbortSignal,
): Promise<Look> {
  const count = counter(bucket, parts);
  try {
    const { secret, namespace } = bucket.credentials;
    const keys = bucketKeysOf(await client.find(secrets, secret, namespace));
    if (!keys) return { bucket, size: { notListed: `Secret ${namespace}/${secret} holds no keys` }, absent: [] };
    const { endpoint, region, bucket: name } = bucket;
    const open = await openBucket({ endpoint, region, bucket: name, ...keys }, signal, patience);
    const prefixes = bucket.prefixes.map(({ prefix }) => prefix);
    try {
      return await within(patience.answerMs, count.all(listObjects(open, prefixes)));
    } finally {
      open.close();
    }
  } catch (error) {
    return count.partly() ?? { bucket, size: { notListed: reasonOf(error) }, absent: [] };
  }
}

function counter(bucket: Bucket, parts: readonly string[]) {
  const missing = new Set(parts);
  let objects = 0;
  let bytes = 0;
  const partly = (): Look | undefined =>
    objects > 0 ? { bucket, size: { objects, bytes, isPart: true }, absent: [] } : undefined;
  return {
    /** What is known where the listing did not come to its end: nothing is called absent then. */
    partly,
    async all(listed: AsyncIterable<{ readonly key: string; readonly size: number }>): Promise<Look> {
      for await (const { key, size } of listed) {
        objects++;
        bytes += size;
        for (const part of missing) if (isAt(key, part)) missing.delete(part);
        if (objects >= mostObjects) return partly()!;
      }
      return { bucket, size: { objects, bytes }, absent: [...missing] };
    },
  };
}

function reasonOf(error: unknown): string {
  const { code, message } = toFault(error, "BUCKET");
  if (code === "FORBIDDEN") return "its keys are refused";
  if (code === "NOT_FOUND") return "it does not exist";
  if (code === "UNAVAILABLE" || code === "TIMEOUT" || code === "CANCELLED") return "it does not answer from here";
  return message;
}
