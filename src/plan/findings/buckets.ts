import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { kinds } from "../../profiles/kinds.ts";
import { objectSetOf } from "../../profiles/object-set.ts";
import { objectsOf } from "./objects-of.ts";
import { finding } from "./table.ts";

export function bucketFindings(inventory: Inventory): readonly Finding[] {
  const claims = claimsThatDelete(inventory);
  const told = new Set(claims.flatMap((one) => (one.isSaved ? [] : one.bucket)));
  return [...outOfReach(inventory, told), ...claims.map(ofClaim)];
}

function outOfReach({ unreached = [] }: Inventory, told: ReadonlySet<string>): readonly Finding[] {
  return unreached.flatMap((one) => {
    if (one.kind === "stale-connection") return [finding("CONNECTION_STALE", one.what, one.because)];
    if (one.kind === "unused-bucket") return [finding("BUCKET_UNUSED", `bucket ${one.what}`, one.because)];
    const isNews = one.kind === "bucket" && !told.has(one.what);
    return isNews ? [finding("BUCKET_OUT_OF_REACH", `bucket ${one.what}`, one.because)] : [];
  });
}

interface DeletingClaim {
  readonly namespace: string;
  readonly name: string;
  readonly bucket: string;
  readonly bucketObject?: string;
  /** A backup holds what is in the bucket. */
  readonly isSaved: boolean;
}

/** The ObjectBucket's own policy counts when a claim is deleted; where it cannot be read, that of its StorageClass. */
function claimsThatDelete(inventory: Inventory): readonly DeletingClaim[] {
  const all = objectSetOf(inventory.objects);
  return objectsOf(inventory, kinds.bucketClaim).flatMap((object): readonly DeletingClaim[] => {
    const { namespace = "", name } = object.metadata;
    const { objectBucketName = "", storageClassName = "", bucketName = "" } = object.spec ?? {};
    const bucketObject = all.get({ ...kinds.bucketObject, name: objectBucketName });
    const storageClass = all.get({ group: "storage.k8s.io", kind: "StorageClass", name: storageClassName });
    const policy = bucketObject?.spec?.reclaimPolicy ?? storageClass?.reclaimPolicy ?? "Delete";
    const saved = inventory.buckets.find((one) => one.claim?.name === name && one.claim.namespace === namespace);
    const config = all.get({ ...kinds.configMap, namespace, name });
    const bucket: string = saved?.bucket ?? config?.data?.BUCKET_NAME ?? bucketName;
    if (policy !== "Delete" || !bucket) return []; // without a name it has no bucket yet
    const known = bucketObject ? { bucketObject: bucketObject.metadata.name } : {};
    return [{ namespace, name, bucket, isSaved: saved !== undefined, ...known }];
  });
}

function ofClaim({ namespace, name, bucket, bucketObject, isSaved }: DeletingClaim): Finding {
  const subject = `${namespace} ObjectBucketClaim/${name}`;
  const deletes = `deleting it, or namespace ${namespace}, deletes bucket ${bucket} with all objects`;
  const retain =
    bucketObject && `kubectl patch objectbucket ${bucketObject} --type merge -p '{"spec":{"reclaimPolicy":"Retain"}}'`;
  if (!isSaved) {
    const advice = retain && `keep the bucket: ${retain}`;
    return finding(
      "BUCKET_ONLY_COPY",
      subject,
      `${deletes}, and no backup can read it: its keys are not known`,
      advice,
    );
  }
  const advice = retain && `nothing has to be done for recovery; to keep the bucket itself: ${retain}`;
  return finding("BUCKET_CLAIM_DELETES", subject, `${deletes}; the whole bucket is part of the backup`, advice);
}
