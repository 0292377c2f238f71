import type { Bucket, Unreached } from "../flow/inventory.ts";
import { refKey } from "../flow/object.ts";
import type { BucketUse } from "../profiles/profile.ts";

/** Where nothing names a region: what S3 servers that have none take. */
const anyRegion = "us-east-1";

/** Joins the uses of each bucket. A bucket without endpoint or keys is out of reach. */
export function joinBuckets(uses: readonly BucketUse[]): {
  buckets: readonly Bucket[];
  unreached: readonly Unreached[];
} {
  const buckets: Bucket[] = [];
  const unreached: Unreached[] = [];
  for (const group of groupUses(uses)) {
    const bucket = bucketOf(group);
    if (bucket) buckets.push(bucket);
    else unreached.push(unreachedOf(group));
  }
  return { buckets, unreached };
}

/** Uses of the same claim, or of the same name at the same endpoint. One that does not know its endpoint joins its namesake. */
function groupUses(uses: readonly BucketUse[]): readonly (readonly BucketUse[])[] {
  const groups: BucketUse[][] = [];
  for (const use of [...uses].sort((a, b) => Number(a.endpoint === undefined) - Number(b.endpoint === undefined))) {
    const group = groups.find((one) => one.some((other) => isSame(use, other)));
    if (group) group.push(use);
    else groups.push([use]);
  }
  return groups;
}

function isSame(use: BucketUse, other: BucketUse): boolean {
  if (use.bucket !== other.bucket) return false;
  if (use.claim && other.claim)
    return use.claim.name === other.claim.name && use.claim.namespace === other.claim.namespace;
  return !use.endpoint || !other.endpoint || new URL(use.endpoint).host === new URL(other.endpoint).host;
}

function bucketOf(uses: readonly BucketUse[]): Bucket | undefined {
  const claim = uses.find((one) => one.claim)?.claim;
  // A connection's URL was chosen by a person; a claim's ConfigMap has no scheme, so its URL is a guess.
  const endpoint =
    uses.find((one) => one.endpoint && !isClaimItself(one))?.endpoint ?? uses.find((one) => one.endpoint)?.endpoint;
  // The claim's own Secret is the one that the provisioner keeps.
  const credentials =
    uses.find((one) => one.credentials && isClaimItself(one))?.credentials ??
    uses.find((one) => one.credentials)?.credentials;
  const [first] = uses;
  if (!first || !endpoint || !credentials) return undefined;
  return {
    id: `${new URL(endpoint).host}/${first.bucket}`,
    endpoint,
    region: uses.find((one) => one.region)?.region ?? anyRegion,
    bucket: first.bucket,
    credentials,
    ...(claim ? { claim } : {}),
    prefixes: prefixesOf(uses),
  };
}

function isClaimItself(use: BucketUse): boolean {
  return use.by.kind === "ObjectBucketClaim";
}

/** Each prefix once. One that lies inside another is kept: it says why the inner part matters. */
function prefixesOf(uses: readonly BucketUse[]): Bucket["prefixes"] {
  const reasons = new Map<string, Set<string>>();
  for (const { prefix, because } of uses) reasons.set(prefix, (reasons.get(prefix) ?? new Set()).add(because));
  return [...reasons]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([prefix, because]) => ({ prefix, because: [...because].join("; ") }));
}

function unreachedOf(uses: readonly BucketUse[]): Unreached {
  const [first] = uses;
  const lacks = uses.some((one) => one.credentials) ? "no endpoint" : "no Secret with its keys";
  return {
    kind: "bucket",
    what: first?.bucket ?? "",
    by: first ? refKey(first.by) : "",
    because: `${first?.because ?? ""}, and ${lacks} is known in the protected namespaces`,
  };
}
