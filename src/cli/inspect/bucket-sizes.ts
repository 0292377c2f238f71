import pLimit from "p-limit";
import { toFault } from "../../base/fault.ts";
import { within } from "../../base/wait.ts";
import { listObjects, openBucket } from "../../agent/work/s3.ts";
import type { Bucket } from "../../flow/inventory.ts";
import { bucketKeysOf } from "../../flow/secret-value.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { secrets } from "../../kube/well-known.ts";
import type { BucketSize } from "../../plan/inspect/report.ts";

/** For all buckets together: who asks in the night waits for no endpoint that this machine cannot reach. */
const patienceMs = 4000;
const connectMs = 1500;
const mostObjects = 200_000;
const inFlight = 6;

/** How much is in the buckets, as far as a listing from here tells in a short time. */
export async function bucketSizes(
  client: KubeClient,
  buckets: readonly Bucket[],
): Promise<ReadonlyMap<string, BucketSize>> {
  const limit = pLimit(inFlight);
  const signal = AbortSignal.timeout(patienceMs);
  const sizes = await Promise.all(
    buckets.map((bucket) => limit(async () => [bucket.id, await sizeOf(client, bucket, signal)] as const)),
  );
  return new Map(sizes);
}

async function sizeOf(client: KubeClient, bucket: Bucket, signal: AbortSignal): Promise<BucketSize> {
  const counted = { objects: 0, bytes: 0 };
  const partly = () => ({ ...counted, isPart: true as const });
  try {
    const keys = bucketKeysOf(await client.find(secrets, bucket.credentials.secret, bucket.credentials.namespace));
    if (!keys) return { notListed: `Secret ${bucket.credentials.secret} holds no keys` };
    const { endpoint, region, bucket: name } = bucket;
    const open = await openBucket({ endpoint, region, bucket: name, ...keys }, signal, {
      attempts: 1,
      connectMs,
      answerMs: patienceMs,
    });
    const count = async () => {
      for await (const { size } of listObjects(
        open,
        bucket.prefixes.map(({ prefix }) => prefix),
      )) {
        counted.objects++;
        counted.bytes += size;
        if (counted.objects >= mostObjects) return partly();
      }
      return counted;
    };
    try {
      return await within(patienceMs, count());
    } finally {
      open.close();
    }
  } catch (error) {
    return counted.objects > 0 ? partly() : { notListed: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = toFault(error, "BUCKET");
  if (code === "FORBIDDEN") return "its keys are refused";
  if (code === "NOT_FOUND") return "it does not exist";
  if (code === "UNAVAILABLE" || code === "TIMEOUT" || code === "CANCELLED") return "it does not answer from here";
  return message;
}
