import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { storageUrisOf } from "../../profiles/kserve.ts";
import { kinds } from "../../profiles/kinds.ts";
import { objectSetOf } from "../../profiles/object-set.ts";
import { objectsOf } from "./objects-of.ts";
import { finding } from "./table.ts";

export function bucketFindings(inventory: Inventory): readonly Finding[] {
  return [...outOfReach(inventory), ...claimsThatDelete(inventory), ...modelUris(inventory)];
}

function outOfReach({ unreached = [] }: Inventory): readonly Finding[] {
  return unreached.flatMap((one) => {
    if (one.kind === "bucket") return [finding("BUCKET_OUT_OF_REACH", `bucket ${one.what}`, one.because)];
    if (one.kind === "unused-bucket") return [finding("BUCKET_UNUSED", `bucket ${one.what}`, one.because)];
    return [];
  });
}

/** The ObjectBucket's own policy counts when a claim is deleted; where it cannot be read, that of its StorageClass. */
function claimsThatDelete(inventory: Inventory): readonly Finding[] {
  const all = objectSetOf(inventory.objects);
  return objectsOf(inventory, kinds.bucketClaim).flatMap((object): readonly Finding[] => {
    const { namespace, name } = object.metadata;
    const { objectBucketName = "", storageClassName = "" } = object.spec ?? {};
    const bucketObject = all.get({ ...kinds.bucketObject, name: objectBucketName });
    const storageClass = all.get({ group: "storage.k8s.io", kind: "StorageClass", name: storageClassName });
    const policy = bucketObject?.spec?.reclaimPolicy ?? storageClass?.reclaimPolicy ?? "Delete";
    const bucket = inventory.buckets.find((one) => one.claim?.name === name && one.claim.namespace === namespace);
    if (policy !== "Delete" || !bucket) return [];
    const advice = bucketObject
      ? `kubectl patch objectbucket ${bucketObject.metadata.name} --type merge -p '{"spec":{"reclaimPolicy":"Retain"}}'`
      : undefined;
    return [
      finding(
        "BUCKET_CLAIM_DELETES",
        `${namespace} ObjectBucketClaim/${name}`,
        `deleting it, or namespace ${namespace}, deletes bucket ${bucket.bucket} with all objects; the whole bucket is part of the backup`,
        advice && `nothing has to be done for recovery; to keep the bucket itself: ${advice}`,
      ),
    ];
  });
}

const inReach = /^(s3|pvc|model-registry|oci|docker):\/\//;

function modelUris(inventory: Inventory): readonly Finding[] {
  return objectsOf(inventory, kinds.inferenceService).flatMap((object) => {
    const subject = `${object.metadata.namespace} InferenceService/${object.metadata.name}`;
    return storageUrisOf(object).flatMap((uri) => {
      if (uri.startsWith("hf://")) {
        const pinned = /:[0-9a-f]{40}$/.test(uri);
        return pinned
          ? []
          : [
              finding(
                "HF_WITHOUT_REVISION",
                subject,
                `${uri} names no commit: the model behind it may change or go away`,
              ),
            ];
      }
      return inReach.test(uri)
        ? []
        : [finding("URI_OUT_OF_REACH", subject, `${uri} lies outside of what a backup can hold`)];
    });
  });
}
