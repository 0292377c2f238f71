import { type KubeObject, refOf } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { endpointUrl } from "./connection.ts";
import { isKind, kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { leads } from "./paths.ts";
import type { BucketUse, GroupKind, NotRestored, Profile, Readiness } from "./profile.ts";
import { valueOf } from "./secret-values.ts";

const cosiKind = (kind: string): GroupKind => ({ group: "objectstorage.k8s.io", kind });
const claim = cosiKind("BucketClaim");
const access = cosiKind("BucketAccess");
const bucket = cosiKind("Bucket");
const bucketClass = cosiKind("BucketClass");
const accessClass = cosiKind("BucketAccessClass");

/** Buckets by Kubernetes' own interface (COSI): a claim makes a bucket, an access makes a Secret with keys to it. */
export const cosi: Profile = {
  name: "cosi",
  about: {
    is: "Buckets by the Container Object Storage Interface: claims, accesses, classes.",
    left: "Buckets (the driver makes one for each claim), and the Secret of an access: it holds keys to the old bucket.",
    keeps: "Claims and accesses, by which a new bucket and new keys are made; the objects of the bucket.",
    status: "Claims and accesses start clean: one that says it is bound would get no bucket.",
  },
  kinds: [claim, access, bucket, bucketClass, accessClass],
  leaves: [{ kinds: [bucket], rule: "runtime-kind", reason: "the driver makes one for each claim" }],
  paths: [
    leads(claim, "spec.bucketClassName", bucketClass, { within: "cluster" }),
    leads(claim, "spec.existingBucketName", bucket, { within: "cluster" }),
    leads(claim, "status.bucketName", bucket, { within: "cluster", kind: "stores", optional: true }),
    leads(access, "spec.bucketClaimName", claim),
    leads(access, "spec.bucketAccessClassName", accessClass, { within: "cluster" }),
    leads(access, "spec.credentialsSecretName", kinds.secret, { kind: "stores", optional: true }),
    leads(access, "spec.serviceAccountName", kinds.serviceAccount),
  ],
  children: secretOfAccess,
  buckets: (all) => all.ofKind(access.group, access.kind).flatMap((one) => bucketOf(one, all)),
  readiness,
  restoreRules: [startsClean("cosi", [claim, access], "one that says it is bound would get no bucket")],
  order: [{ kind: access, after: [claim, kinds.serviceAccount], why: "keys are made for a bucket" }],
};

/** The driver leaves a Secret that it finds as it is: the old keys would stay. */
function secretOfAccess(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  if (!isKind(object, kinds.secret)) return undefined;
  const { namespace, name } = object.metadata;
  const made = all.ofKind(access.group, access.kind, namespace).find((one) => one.spec?.credentialsSecretName === name);
  return made && { rule: "generated", reason: `the driver makes it again for BucketAccess/${made.metadata.name}` };
}

/** What the Secret says of the bucket. Its keys lie in one JSON text, so no mover can be given them. */
function bucketOf(object: KubeObject, all: ObjectSet): readonly BucketUse[] {
  const { namespace, name } = object.metadata;
  const secret = all.get({ ...kinds.secret, namespace, name: String(object.spec?.credentialsSecretName) });
  const info = infoOf(valueOf(secret, "BucketInfo"));
  const s3 = info?.secretS3;
  if (typeof info?.bucketName !== "string") return [];
  return [
    {
      bucket: info.bucketName,
      prefix: "",
      because: `BucketAccess ${namespace}/${name} has keys to it`,
      by: refOf(object),
      endpoint: endpointUrl(s3?.endpoint),
      region: s3?.region || undefined,
    },
  ];
}

function infoOf(json: string | undefined): Record<string, any> | undefined {
  if (!json) return undefined;
  try {
    return JSON.parse(json).spec;
  } catch {
    return undefined; // its driver writes something else
  }
}

function readiness(object: KubeObject): Readiness | undefined {
  if (isKind(object, claim)) return object.status?.bucketReady ? "ready" : "not";
  if (isKind(object, access)) return object.status?.accessGranted ? "ready" : "not";
  return undefined;
}
