import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { storageUrisOf } from "../../profiles/kserve.ts";
import { isKind, kinds } from "../../profiles/kinds.ts";
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
function claimsThatDelete({ objects, buckets }: Inventory): readonly Finding[] {
  return objects.flatMap(({ object }) => {
    if (!isKind(object, kinds.bucketClaim)) return [];
    const { namespace, name } = object.metadata;
    const bucketObject = objects.find(
      (one) => isKind(one.object, kinds.bucketObject) && one.ref.name === object.spec?.objectBucketName,
    );
    const storageClass = objects.find(
      (one) => one.ref.kind === "StorageClass" && one.ref.name === object.spec?.storageClassName,
    );
    const policy = bucketObject?.object.spec?.reclaimPolicy ?? storageClass?.object.reclaimPolicy ?? "Delete";
    const bucket = buckets.find((one) => one.claim?.name === name && one.claim.namespace === namespace);
    if (policy !== "Delete" || !bucket) return [];
    const advice = bucketObject
      ? `kubectl patch objectbucket ${bucketObject.ref.name} --type merge -p '{"spec":{"reclaimPolicy":"Retain"}}'`
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

function modelUris({ objects }: Inventory): readonly Finding[] {
  return objects.flatMap(({ object }) => {
    if (!isKind(object, kinds.inferenceService)) return [];
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
