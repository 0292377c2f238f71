import { Fault } from "../base/fault.ts";
import type { Bucket } from "../flow/inventory.ts";
import type { BucketRecord } from "../flow/recovery-point.ts";
import { bucketKeysOf } from "../flow/secret-value.ts";
import { secrets } from "../kube/well-known.ts";
import type { BucketAccess } from "../movers/contract.ts";
import { type Capture, modelsRepository, tagsOf } from "./context.ts";
import { taskOf } from "./volumes.ts";

/** Lists and saves after the cut: what the rows of the databases name is there by then. */
export async function captureBucket(capture: Capture, bucket: Bucket): Promise<BucketRecord> {
  const { context, progress, signal } = capture;
  const listedAt = new Date().toISOString();
  const id = `bucket:${bucket.id}`;
  const repository = modelsRepository(capture.clusterUid);
  const before = context.previous?.buckets.find((one) => one.id === bucket.id);
  const task = await taskOf(capture, id, repository, {
    kind: "save-bucket",
    bucket: await accessOf(capture, bucket),
    prefixes: bucket.prefixes.map(({ prefix }) => prefix),
    previous: context.type === "Incremental" && before?.repository === repository ? before.objects : [],
    tags: tagsOf(capture),
    reread: context.type === "Full",
  });
  const result = await capture.movers.run(
    task,
    { kind: "none" },
    { onBytes: (done, total) => progress.item(id, done, total), signal },
  );
  if (result.kind !== "bucket-saved")
    throw new Fault("INTERNAL", `the mover of bucket ${bucket.id} gave "${result.kind}"`);
  if (result.missed?.length) {
    progress.finding({
      code: "BUCKET_OBJECTS_CHANGED",
      severity: "warning",
      subject: `bucket ${bucket.bucket}`,
      message: `${result.missed.length} objects were removed or kept changing while they were read, and are not in the point: ${result.missed.slice(0, 5).join(", ")}`,
      advice: "back up again when nothing writes to them",
    });
  }
  const { endpoint, region, credentials, claim } = bucket;
  return {
    id: bucket.id,
    endpoint,
    region,
    bucket: bucket.bucket,
    credentials,
    ...(claim ? { claim } : {}),
    repository,
    listedAt,
    readAt: new Date().toISOString(),
    ...(result.missed?.length ? { missed: { count: result.missed.length, keys: result.missed.slice(0, 20) } } : {}),
    prefixes: bucket.prefixes.map(({ prefix }) => prefix),
    objects: result.objects,
    added: result.added,
    ...(result.contents ? { contents: result.contents } : {}),
  };
}

async function accessOf(capture: Capture, bucket: Bucket): Promise<BucketAccess> {
  const { namespace, secret: name } = bucket.credentials;
  const secret = await capture.client.find(secrets, name, namespace);
  const keys = bucketKeysOf(secret);
  if (keys) return { endpoint: bucket.endpoint, region: bucket.region, bucket: bucket.bucket, ...keys };
  throw new Fault(
    "BUCKET",
    `Secret ${namespace}/${name}, which reaches bucket ${bucket.bucket}, ${secret ? "holds no keys" : "is gone"}`,
    {
      subject: bucket.id,
      hint: "it needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    },
  );
}
