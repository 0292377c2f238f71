import { type KubeObject, refOf } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { isKind, kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { leads } from "./paths.ts";
import type { GroupKind, Profile, Readiness, Reference } from "./profile.ts";

const kind = (name: string): GroupKind => ({ group: "noobaa.io", kind: name });
const system = kind("NooBaa");
const backingStore = kind("BackingStore");
const namespaceStore = kind("NamespaceStore");
const bucketClass = kind("BucketClass");
const account = kind("NooBaaAccount");
const stores = [backingStore, namespaceStore];

/** The object store of OpenShift Data Foundation: where buckets lie. Their content comes back by the buckets, not by the stores. */
export const noobaa: Profile = {
  name: "noobaa",
  about: {
    is: "NooBaa itself: its stores, classes and accounts.",
    left: "StatefulSets, Deployments and Services of the operator.",
    keeps: "Its stores and classes; its database, which maps objects to what stores them.",
  },
  kinds: [system, ...stores, bucketClass, account],
  paths: [
    // spec.awsS3, spec.s3Compatible, spec.azureBlob, ...: each has its Secret in the same place.
    ...stores.map((of) => leads(of, "spec{*}.secret", kinds.secret, { rule: "store.secret" })),
    leads(bucketClass, "spec.placementPolicy.tiers[*].backingStores[*]", backingStore),
    leads(bucketClass, "spec.namespacePolicy.single.resource", namespaceStore),
    leads(bucketClass, "spec.namespacePolicy.cache.hubResource", namespaceStore),
    leads(bucketClass, "spec.namespacePolicy.multi.writeResource", namespaceStore),
    leads(bucketClass, "spec.namespacePolicy.multi.readResources[*]", namespaceStore),
    leads(account, "spec.default_resource", backingStore, { optional: true }),
  ],
  references: classOfClaim,
  readiness,
  restoreRules: [
    startsClean(
      "noobaa",
      [system, ...stores, bucketClass, account],
      "ids and phases in it are those of the old system",
    ),
  ],
  order: [
    { kind: bucketClass, after: stores, why: "it is refused while its stores are not there" },
    { kind: kinds.bucketClaim, after: [bucketClass], why: "the provisioner looks its class up once" },
  ],
};

/** A bucket claim names a class of the object store's own namespace, which it does not know. */
function classOfClaim(object: KubeObject, all: ObjectSet): readonly Reference[] {
  const name: unknown = isKind(object, kinds.bucketClaim) && object.spec?.additionalConfig?.bucketclass;
  const found = name
    ? all.ofKind(bucketClass.group, bucketClass.kind).find((one) => one.metadata.name === name)
    : undefined;
  return found ? [{ to: refOf(found), kind: "needs", rule: "bucketClaim.bucketclass" }] : [];
}

function readiness(object: KubeObject): Readiness | undefined {
  if (![system, ...stores, bucketClass, account].some((one) => isKind(object, one))) return undefined;
  return object.status?.phase === "Ready" ? "ready" : "not";
}
