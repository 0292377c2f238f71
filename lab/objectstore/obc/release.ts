import type { Kube } from "../../kube/client.ts";
import type { Kind, LabObject } from "../../kube/object.ts";
import { deleteUser } from "../admin.ts";
import { destroyBucket } from "../buckets.ts";
import * as names from "./claim.ts";
import type { Stores } from "./provision.ts";

/** A claim is being deleted: does what the reclaim policy says, and lets go of everything. Any of it may be there or not. */
export async function release(stores: Stores, claim: LabObject, storageClass: LabObject): Promise<void> {
  const { kube } = stores;
  const { name, namespace } = claim.metadata;
  const secret = await kube.get(names.secretKind, name, namespace);
  const bound = await kube.get(names.bucketKind, names.objectBucketName(claim));
  const isOurs = bound?.["spec"].claimRef?.uid === claim.metadata.uid;
  const policy = (isOurs ? bound?.["spec"].reclaimPolicy : undefined) ?? storageClass["reclaimPolicy"] ?? "Delete";
  if (names.isMaker(claim)) await releaseBucket(stores, claim, policy);
  const key = (isOurs ? bound?.["spec"].additionalState?.accessKey : undefined) ?? accessKeyOf(secret, claim);
  if (key) await deleteUser(stores.endpoint, key);
  if (isOurs && bound !== undefined) {
    await letGo(kube, names.bucketKind, bound);
    await kube.remove(names.bucketKind, bound.metadata.name);
  }
  const configMap = await kube.get(names.configMapKind, name, namespace);
  if (isLabelled(secret)) await letGo(kube, names.secretKind, secret);
  if (isLabelled(configMap)) await letGo(kube, names.configMapKind, configMap);
  await letGo(kube, names.claimKind, claim);
}

async function releaseBucket({ s3 }: Stores, claim: LabObject, policy: string): Promise<void> {
  if (policy !== "Delete") return;
  const bucket: string = claim["spec"].bucketName;
  await destroyBucket(s3, bucket);
  console.log(
    `claim ${claim.metadata.namespace}/${claim.metadata.name}: deleted bucket ${bucket} and everything in it`,
  );
}

function accessKeyOf(secret: LabObject | undefined, claim: LabObject): string | undefined {
  const isOwn = secret?.metadata.ownerReferences?.some((owner) => owner.uid === claim.metadata.uid);
  return isOwn ? Buffer.from(secret?.["data"]?.AWS_ACCESS_KEY_ID ?? "", "base64").toString() : undefined;
}

function isLabelled(made: LabObject | undefined): made is LabObject {
  return made?.metadata.labels?.["bucket-provisioner"] === names.labels["bucket-provisioner"];
}

/**
 * Secrets and ConfigMaps that wait for a provisioner although their claim is gone. They come from outside (a copy with the finalizer
 * of another life); without this they would hold up their namespace's deletion for ever.
 */
export async function releaseOrphans(kube: Kube): Promise<void> {
  const selector = `bucket-provisioner=${names.labels["bucket-provisioner"]}`;
  for (const kind of [names.secretKind, names.configMapKind]) {
    for (const made of await kube.list(kind, undefined, selector)) {
      if (made.metadata.deletionTimestamp === undefined) continue;
      const claim = await kube.get(names.claimKind, made.metadata.name, made.metadata.namespace);
      if (claim === undefined) await letGo(kube, kind, made);
    }
  }
}

async function letGo(kube: Kube, kind: Kind, object: LabObject): Promise<void> {
  const finalizers = (object.metadata.finalizers ?? []).filter((entry) => entry !== names.finalizer);
  if (finalizers.length === (object.metadata.finalizers ?? []).length) return;
  await kube.patch(kind, object.metadata.name, object.metadata.namespace, { metadata: { finalizers } });
}
