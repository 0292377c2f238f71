import type { Kube } from "../../kube/client.ts";
import type { Kind, LabObject } from "../../kube/object.ts";
import { deleteUser } from "../admin.ts";
import { destroyBucket } from "../buckets.ts";
import * as names from "./claim.ts";
import type { Stores } from "./provision.ts";

/** A claim is being deleted: does what the reclaim policy says, and lets go of everything. */
export async function release(stores: Stores, claim: LabObject): Promise<void> {
  const { kube, s3, endpoint } = stores;
  const { name, namespace } = claim.metadata;
  const bound = await kube.get(names.bucketKind, names.objectBucketName(claim));
  if (bound !== undefined && bound["spec"].claimRef?.uid === claim.metadata.uid) {
    if (bound["spec"].reclaimPolicy === "Delete") {
      await destroyBucket(s3, bound["spec"].endpoint.bucketName);
      console.log(
        `claim ${namespace}/${name}: deleted bucket ${bound["spec"].endpoint.bucketName} and everything in it`,
      );
    }
    await deleteUser(endpoint, bound["spec"].additionalState.accessKey);
    await letGo(kube, names.bucketKind, bound);
    await kube.remove(names.bucketKind, bound.metadata.name);
  }
  for (const kind of [names.secretKind, names.configMapKind]) {
    const made = await kube.get(kind, name, namespace);
    if (made?.metadata.labels?.["bucket-provisioner"] === names.labels["bucket-provisioner"])
      await letGo(kube, kind, made);
  }
  await letGo(kube, names.claimKind, claim);
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
