/** Is there anything where references lead to? Asked of the buckets themselves, a listing of one object per reference. */
import type { S3Client } from "@aws-sdk/client-s3";
import pLimit from "p-limit";
import type { Bucket, Inventory } from "../flow/inventory.ts";
import { bucketKeysOf } from "../flow/secret-value.ts";
import type { KubeClient } from "../kube/contract.ts";
import { secrets } from "../kube/well-known.ts";
import { closureOf } from "../plan/closure/index.ts";
import { referencesOf } from "../plan/closure/references.ts";

export interface Probed {
  /** Where nothing is. */
  readonly absent: readonly { readonly place: string; readonly part: string }[];
  /** Ids of the buckets that did not answer: nothing is known of them. */
  readonly silent: readonly string[];
}

/** More than people register; a pipeline's runs may name more. */
const mostParts = 2000;
const questionsAtOnce = 16;
const connectMs = 2000;
const answerMs = 5000;

/** A bucket that does not answer from here (a Service of the cluster, asked from outside) is asked once. */
export async function probeBuckets(client: KubeClient, inventory: Inventory): Promise<Probed> {
  const parts = new Map<string, Set<string>>();
  for (const { kind, place, part } of referencesOf(closureOf(inventory)).flatMap((one) => one.ends))
    if (kind === "bucket") parts.set(place, (parts.get(place) ?? new Set()).add(part));
  const probed = await Promise.all(
    inventory.buckets
      .filter((bucket) => parts.has(bucket.id))
      .map(async (bucket) => {
        const wanted = [...(parts.get(bucket.id) ?? [])].slice(0, mostParts);
        const absent = await absentIn(client, bucket, wanted).catch(() => undefined);
        return { bucket, absent };
      }),
  );
  return {
    absent: probed.flatMap(({ bucket, absent = [] }) => absent.map((part) => ({ place: bucket.id, part }))),
    silent: probed.flatMap(({ bucket, absent }) => (absent ? [] : [bucket.id])),
  };
}

async function absentIn(client: KubeClient, bucket: Bucket, parts: readonly string[]): Promise<readonly string[]> {
  const { namespace, secret } = bucket.credentials;
  const keys = bucketKeysOf(await client.find(secrets, secret, namespace));
  if (!keys) throw new Error(`Secret ${namespace}/${secret} holds no keys`);
  const sdk = await import("@aws-sdk/client-s3"); // only where somebody asks
  const s3 = new sdk.S3Client({
    endpoint: bucket.endpoint,
    region: bucket.region || "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: keys.accessKey, secretAccessKey: keys.secretKey },
    maxAttempts: 1,
    requestHandler: { connectionTimeout: connectMs, requestTimeout: answerMs },
  });
  const limit = pLimit(questionsAtOnce);
  try {
    const [first = "", ...others] = parts;
    const found = [await holds(s3, sdk, bucket.bucket, first)]; // one that does not answer is asked no more
    found.push(...(await Promise.all(others.map((part) => limit(() => holds(s3, sdk, bucket.bucket, part))))));
    return parts.filter((_, at) => !found[at]);
  } finally {
    s3.destroy();
  }
}

/** An object of this very key, or one in the directory of that name. */
async function holds(
  s3: S3Client,
  sdk: typeof import("@aws-sdk/client-s3"),
  bucket: string,
  part: string,
): Promise<boolean> {
  const first = async (prefix: string) => {
    const page = await s3.send(new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }));
    return page.Contents?.[0]?.Key;
  };
  if ((await first(part.endsWith("/") ? part : `${part}/`)) !== undefined) return true;
  return (await first(part)) === part;
}
