import { Fault, toFault } from "../base/fault.ts";
import { dnsLabel } from "../base/ids.ts";
import { waitFor } from "../base/wait.ts";
import type { KubeObject } from "../flow/object.ts";
import { refOf } from "../flow/object.ts";
import { bucketKeysOf } from "../flow/secret-value.ts";
import type { BucketRecord } from "../flow/recovery-point.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { bucketClaims, configMaps, secrets } from "../kube/well-known.ts";
import type { BucketAccess } from "../movers/contract.ts";
import { type RestoreContext, settle } from "./context.ts";
import { untilLasting } from "./lasting.ts";
import { persist } from "./retry.ts";
import { isChange } from "./rewrite.ts";
import { edited } from "./set-aside.ts";

type BucketStep = Extract<RestoreStep, { kind: "bucket" }>;

const boundSeconds = 300;

/** The bucket of the claim (a new one, or the one that is still there) gets the objects that it lacks. */
export async function restoreBucket(step: BucketStep, context: RestoreContext): Promise<void> {
  const { record, claim } = step;
  if (claim) await ensureClaim(claim, context);
  const bucket = record.claim
    ? await bucketOfClaim(record, record.claim.name, step.namespace, context)
    : await outerBucket(step, context);
  const rewrite = {
    bucket: { from: record.bucket, to: bucket.bucket },
    endpoint: { from: record.endpoint, to: bucket.endpoint },
    ...(step.was
      ? {
          accessKey: { from: step.was.accessKey, to: bucket.accessKey },
          secretKey: { from: step.was.secretKey, to: bucket.secretKey },
        }
      : {}),
  };
  if (isChange(rewrite)) context.rewrites.push(rewrite);
  await fill(step, bucket, context);
}

async function ensureClaim(claim: KubeObject, context: RestoreContext): Promise<void> {
  const { client, signal } = context;
  const ref = refOf(claim);
  const live = await untilLasting(bucketClaims, ref, context);
  if (!live) await persist(() => client.create(bucketClaims, claim), signal);
  const created = !live || context.journal.made(live);
  settle(
    context,
    ref,
    created ? "created" : "unchanged",
    created ? "makes a bucket for the objects of the point" : "exists with its bucket",
  );
}

/** What the provisioner wrote beside the claim: a Secret with keys, a ConfigMap with the address. */
async function bucketOfClaim(
  record: BucketRecord,
  name: string,
  namespace: string,
  { client, signal }: RestoreContext,
): Promise<BucketAccess> {
  return waitFor(
    async () => {
      const claim = await client.find(bucketClaims, name, namespace);
      if (!claim)
        throw new Fault("BUCKET", `there is no ObjectBucketClaim ${namespace}/${name}`, {
          hint: "restore it too: take it out of the exclude selector",
        });
      if (String(claim.status?.phase).toLowerCase() !== "bound") return undefined;
      const [secret, config] = await Promise.all([
        client.find(secrets, name, namespace),
        client.find(configMaps, name, namespace),
      ]);
      return secret && config ? accessOf(record, secret, config) : undefined;
    },
    {
      reason: `ObjectBucketClaim ${namespace}/${name} to be bound to a bucket; is the provisioner of its class running? A bucket of the same name that is still there is refused by some provisioners: then delete the claim and connect to the bucket through a StorageClass with parameters.bucketName (kubectl describe obc -n ${namespace} ${name})`,
      seconds: boundSeconds,
      everyMs: 1000,
      signal,
    },
  );
}

function accessOf(record: BucketRecord, secret: KubeObject, config: KubeObject): BucketAccess | undefined {
  const keys = bucketKeysOf(secret);
  const { BUCKET_NAME: bucket, BUCKET_HOST: host, BUCKET_PORT: port, BUCKET_REGION: region } = config.data ?? {};
  if (!keys || !bucket) return undefined;
  return { endpoint: endpointOf(record.endpoint, host, port), region: region || record.region, bucket, ...keys };
}

/** The address without its scheme is what a claim tells; the scheme is the one that worked at backup. */
function endpointOf(was: string, host: string | undefined, port: string | undefined): string {
  if (!host) return was;
  const old = URL.parse(was);
  const [name = host, own] = host.split(":");
  const wanted = port || own || "";
  if (old && old.hostname === name && (wanted === "" || wanted === portOf(old))) return was;
  const secure = wanted === "443" || (wanted !== "80" && old?.protocol === "https:");
  const standard = wanted === "" || wanted === (secure ? "443" : "80");
  return `${secure ? "https" : "http"}://${name}${standard ? "" : `:${wanted}`}`;
}

function portOf(url: URL): string {
  return url.port || (url.protocol === "https:" ? "443" : "80");
}

/** A bucket that no claim made: at the same address, by the keys of the point's Secret as it is in the target now. */
async function outerBucket({ record, namespace }: BucketStep, { client }: RestoreContext): Promise<BucketAccess> {
  const { secret: name } = record.credentials;
  const keys = bucketKeysOf(await client.find(secrets, name, namespace));
  if (!keys)
    throw new Fault("BUCKET", `Secret ${namespace}/${name} holds no keys for bucket ${record.bucket}`, {
      hint: "restore the Secret too, or make it by hand",
    });
  return { endpoint: record.endpoint, region: record.region, bucket: record.bucket, ...keys };
}

async function fill(
  { record, why, edits = [] }: BucketStep,
  bucket: BucketAccess,
  context: RestoreContext,
): Promise<void> {
  const { movers, target, access, run, progress, signal, report, journal } = context;
  const total = record.objects.reduce((sum, one) => sum + one.size, 0);
  const task = {
    id: dnsLabel(`fill-${record.id}`, 40),
    run,
    target: access,
    repository: { name: record.repository, password: await target.repositoryPassword(record.repository) },
    work: { kind: "restore-bucket" as const, bucket, ...edited(record.objects, edits) },
  };
  try {
    const onBytes = (done: number, all: number) => progress.item(`bucket ${record.bucket}`, done, all || total);
    const result =
      record.objects.length > 0 ? await movers.run(task, { kind: "none" }, { onBytes, signal }) : undefined;
    const sent = result?.kind === "bucket-restored" ? result : { objects: 0, bytes: 0 };
    // What an earlier life of this restore uploaded is there, and not sent again.
    const before = journal.past.buckets.find((one) => one.id === record.id);
    const done = before && before.bytes > sent.bytes ? before : sent;
    report.buckets.push({
      id: record.id,
      bucket: bucket.bucket,
      objects: done.objects,
      bytes: done.bytes,
      result: "restored",
      reason: why,
    });
  } catch (error) {
    const fault = toFault(error, "BUCKET");
    report.buckets.push({
      id: record.id,
      bucket: bucket.bucket,
      objects: 0,
      bytes: 0,
      result: "failed",
      reason: fault.message,
    });
    throw fault;
  }
}
