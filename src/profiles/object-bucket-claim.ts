import { type KubeObject, refOf } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { isKind, kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { leads } from "./paths.ts";
import type { BucketUse, NotRestored, Profile } from "./profile.ts";
import { valueOf } from "./secret-values.ts";

/** Buckets by claim (NooBaa, Rook and others). The provisioner makes a bucket, and a Secret and a ConfigMap of the claim's name. */
export const objectBucketClaim: Profile = {
  name: "object-bucket-claim",
  about: {
    is: "Buckets by claim (NooBaa, Rook and others).",
    left: "The claim's Secret and ConfigMap: the provisioner makes new ones, and copies of the old keys are rewritten by them.",
    keeps: "The objects of the bucket.",
    status: "It starts clean: one that says it is bound would get no bucket.",
  },
  kinds: [kinds.bucketClaim, kinds.bucketObject],
  paths: [
    // Optional: where one of the two is gone, the finding is that its bucket cannot be read.
    leads(kinds.bucketClaim, "metadata.name", kinds.secret, {
      rule: "bucketClaim.secret",
      kind: "stores",
      optional: true,
    }),
    leads(kinds.bucketClaim, "metadata.name", kinds.configMap, {
      rule: "bucketClaim.configMap",
      kind: "stores",
      optional: true,
    }),
    leads(kinds.bucketClaim, "spec.storageClassName", kinds.storageClass, {
      within: "cluster",
      rule: "bucketClaim.storageClassName",
    }),
    leads(kinds.bucketClaim, "spec.objectBucketName", kinds.bucketObject, {
      rule: "bucketClaim.objectBucketName",
      kind: "stores",
      within: "cluster",
      optional: true,
    }),
    leads(kinds.bucketObject, "spec.claimRef", kinds.bucketClaim, { kind: "owns", optional: true }),
  ],
  children,
  buckets: (all) => all.ofKind("objectbucket.io", "ObjectBucketClaim").flatMap((claim) => useOfClaim(claim, all)),
  readiness: (object) => {
    if (!isKind(object, kinds.bucketClaim)) return undefined;
    return String(object.status?.phase).toLowerCase() === "bound" ? "ready" : "not";
  },
  restoreRules: [
    startsClean("bucket-claim", [kinds.bucketClaim], "one that says it is bound would get no bucket"),
    {
      id: "bucket-claim-binding",
      kinds: [kinds.bucketClaim],
      why: "the provisioner writes the name of the bucket that it makes; the old name may still be taken by the old bucket",
      labels: ["bucket-provisioner"],
      fields: ["spec.objectBucketName"],
      change: forgetGeneratedName,
    },
  ],
};

/** Its Secret and ConfigMap speak of the old bucket. They stay in the recovery point: restore rewrites by them what copied them. */
function children(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  if (!isKind(object, kinds.secret) && !isKind(object, kinds.configMap)) return undefined;
  const { namespace, name } = object.metadata;
  if (!all.get({ ...kinds.bucketClaim, namespace, name })) return undefined;
  return { rule: "generated", reason: `the provisioner makes it again for ObjectBucketClaim/${name}` };
}

/** The whole bucket: it goes away with its claim, and so with the namespace. */
function useOfClaim(claim: KubeObject, all: ObjectSet): readonly BucketUse[] {
  const { namespace = "", name } = claim.metadata;
  const config = all.get({ ...kinds.configMap, namespace, name });
  const bucket = valueOf(config, "BUCKET_NAME") ?? claim.spec?.bucketName;
  if (!bucket) return []; // not bound yet: there is nothing in it
  const hasKeys = valueOf(all.get({ ...kinds.secret, namespace, name }), "AWS_ACCESS_KEY_ID") !== undefined;
  return [
    {
      bucket,
      prefix: "",
      because: `ObjectBucketClaim ${namespace}/${name} owns the bucket, which is deleted with it`,
      by: refOf(claim),
      endpoint: endpointOf(valueOf(config, "BUCKET_HOST"), valueOf(config, "BUCKET_PORT")),
      region: valueOf(config, "BUCKET_REGION") || undefined,
      ...(hasKeys ? { credentials: { namespace, secret: name } } : {}),
      claim: { namespace, name },
    },
  ];
}

/** The ConfigMap has host and port, no scheme: 443 and its like speak TLS. */
function endpointOf(host: string | undefined, port: string | undefined): string | undefined {
  if (!host) return undefined;
  if (/^https?:\/\//.test(host)) return port && !/:\d+$/.test(host) ? `${host}:${port}` : host;
  const secure = port === undefined || port.endsWith("443");
  const plain = !port || port === (secure ? "443" : "80") ? host : `${host}:${port}`;
  return `${secure ? "https" : "http"}://${plain}`;
}

/** A bucket whose name was generated gets a fresh name; one that a person named keeps it. */
function forgetGeneratedName(claim: KubeObject): KubeObject {
  if (claim.spec?.generateBucketName) delete claim.spec.bucketName;
  return claim;
}
