import pLimit from "p-limit";
import { listObjects, openBucket } from "../../agent/work/s3.ts";
import { toFault } from "../../base/fault.ts";
import { within } from "../../base/wait.ts";
import type { Bucket } from "../../flow/inventory.ts";
import { bucketKeysOf } from "../../flow/secret-value.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { secrets } from "../../kube/well-known.ts";
import type { BucketSize } from "../../plan/inspect/report.ts";

/** For all buckets together: who asks in the night waits for no endpoint that this machine cannot reach. */
const patience = { attempts: 1, connectMs: 1500, answerMs: 4000 };
const mostObjects = 200_000;
const inFlight = 6;

/** How much is in the buckets, as far as a listing from here tells in a short time. */
export async function bucketSizes(
  client: KubeClient,
  buckets: readonly Bucket[],
): Promise<ReadonlyMap<string, BucketSize>> {
  const limit = pLimit(inFlight);
  const signal = AbortSignal.timeout(patience.answerMs);
  const sizes = buckets.map((one) => limit(async () => [one.id, await sizeOf(client, one, signal)] as const));
  return new Map(await Promise.all(sizes));
}

async function sizeOf(client: KubeClient, bucket: Bucket, signal: AbortSignal): Promise<BucketSize> {
  const counted = { objects: 0, bytes: 0 };
  try {
    const { secret, namespace } = bucket.credentials;
    const keys = bucketKeysOf(await client.find(secrets, secret, namespace));
    if (!keys) return { notListed: `Secret ${namespace}/${secret} holds no keys` };
    const { endpoint, region, bucket: name } = bucket;
    const open = await openBucket({ endpoint, region, bucket: name, ...keys }, signal, patience);
    const prefixes = bucket.prefixes.map(({ prefix }) => prefix);
    const count = async (): Promise<BucketSize> => {
      for await (const { size } of listObjects(open, prefixes)) {
        counted.objects++;
        counted.bytes += size;
        if (counted.objects >= mostObjects) return { ...counted, isPart: true };
      }
      return counted;
    };
    try {
      return await within(patience.answerMs, count());
    } finally {
      open.close();
    }
  } catch (error) {
    return counted.objects > 0 ? { ...counted, isPart: true } : { notListed: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = toFault(error, "BUCKET");
  if (code === "FORBIDDEN") return "its keys are refused";
  if (code === "NOT_FOUND") return "it does not exist";
  if (code === "UNAVAILABLE" || code === "TIMEOUT" || code === "CANCELLED") return "it does not answer from here";
  return message;
}
