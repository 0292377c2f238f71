/** Connections to S3 buckets, as AI platforms keep them: Secrets with AWS_* keys, entries of storage-config, s3:// URIs. */
import type { Bucket } from "../flow/inventory.ts";
import { type KubeObject, refOf } from "../flow/object.ts";
import { bucketKeyNames } from "../flow/secret-value.ts";
import { kinds } from "./kinds.ts";
import { type ObjectSet, oncePerSet } from "./object-set.ts";
import type { BucketUse } from "./profile.ts";
import { valueOf } from "./secret-values.ts";

/** Everything but the keys themselves; `accessKey` is for comparing, and leaves no profile. */
export interface Connection {
  readonly credentials: { readonly namespace: string; readonly secret: string };
  readonly accessKey: string;
  readonly endpoint?: string; // URL
  readonly bucket?: string;
  readonly region?: string;
}

/** The connection that a Secret holds; undefined where it has no S3 keys. */
export function connectionOf(secret: KubeObject | undefined): Connection | undefined {
  const accessKey = bucketKeyNames.map(([name]) => valueOf(secret, name)).find(Boolean);
  if (!secret || !accessKey || !secret.metadata.namespace) return undefined;
  const annotations = secret.metadata.annotations ?? {};
  const host = annotations["serving.kserve.io/s3-endpoint"];
  const scheme = annotations["serving.kserve.io/s3-usehttps"] === "0" ? "http" : "https";
  const region =
    valueOf(secret, "AWS_DEFAULT_REGION") ??
    valueOf(secret, "AWS_REGION") ??
    annotations["serving.kserve.io/s3-region"];
  const endpoint =
    valueOf(secret, "AWS_S3_ENDPOINT") ??
    valueOf(secret, "AWS_ENDPOINT_URL") ??
    (host ? `${scheme}://${host}` : amazonOf(accessKey, region));
  return {
    credentials: { namespace: secret.metadata.namespace, secret: secret.metadata.name },
    accessKey,
    endpoint: endpointUrl(endpoint),
    bucket: valueOf(secret, "AWS_S3_BUCKET"),
    region,
  };
}

/** Where nobody names an endpoint, programs ask Amazon; keys of this form are Amazon's. */
function amazonOf(accessKey: string, region: string | undefined): string | undefined {
  if (!region || !/^(AKIA|ASIA)[A-Z2-7]{16}$/.test(accessKey)) return undefined;
  return `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

/** All connections in the Secrets of a namespace, or of all. */
export function connectionsOf(all: ObjectSet, namespace?: string): readonly Connection[] {
  const connections = connectionsIn(all);
  return namespace === undefined
    ? connections
    : connections.filter(({ credentials }) => credentials.namespace === namespace);
}

const connectionsIn = oncePerSet((all): readonly Connection[] =>
  all.ofKind("", "Secret").flatMap((secret) => connectionOf(secret) ?? []),
);

/** A URL without user, path or end slash; a bare host counts as https. undefined where it is none. */
export function endpointUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const url = URL.parse(/^https?:\/\//.test(text) ? text : `https://${text}`);
  return url ? `${url.protocol}//${url.host}` : undefined;
}

/** The ObjectBucketClaim whose keys were copied into this connection (nothing else links the two). */
export function claimOf(connection: Connection, all: ObjectSet): BucketUse["claim"] {
  return claimsByKey(all).get(connection.accessKey);
}

const claimsByKey = oncePerSet((all) => {
  const claims = new Map<string, NonNullable<BucketUse["claim"]>>();
  for (const { metadata } of all.ofKind("objectbucket.io", "ObjectBucketClaim")) {
    const { namespace = "", name } = metadata;
    const issued = connectionOf(all.get({ ...kinds.secret, namespace, name }));
    if (issued && !claims.has(issued.accessKey)) claims.set(issued.accessKey, { namespace, name });
  }
  return claims;
});

/** Connections to a bucket that a claim made, with keys that are not those of the claim. */
export function staleConnectionsOf(
  all: ObjectSet,
  buckets: readonly Bucket[],
): readonly { readonly connection: Connection; readonly bucket: Bucket }[] {
  return buckets.flatMap((bucket) => {
    if (!bucket.claim) return [];
    const { namespace, name } = bucket.claim;
    const issued = connectionOf(all.get({ ...kinds.secret, namespace, name }));
    if (!issued) return [];
    return connectionsOf(all)
      .filter((one) => one.bucket === bucket.bucket && one.accessKey !== issued.accessKey)
      .map((connection) => ({ connection, bucket }));
  });
}

/** `object` uses `prefix` of the bucket of a connection. */
export function useOf(
  object: KubeObject,
  connection: Connection,
  bucket: string,
  prefix: string,
  because: string,
  all: ObjectSet,
): BucketUse {
  return {
    bucket,
    prefix,
    because,
    by: refOf(object),
    endpoint: connection.endpoint,
    region: connection.region,
    credentials: connection.credentials,
    claim: claimOf(connection, all),
  };
}

/** `s3://bucket/a/b`, `s3a://` as Hadoop writes it, or `minio://` as Kubeflow Pipelines does, in its parts. */
export function parseS3Uri(uri: string): { bucket: string; prefix: string; endpoint?: string } | undefined {
  const match = /^(?:s3[an]?|minio):\/\/([^/?]+)\/?([^?]*)(?:\?(.*))?$/.exec(uri);
  if (!match?.[1]) return undefined;
  const endpoint = endpointUrl(new URLSearchParams(match[3] ?? "").get("endpoint") ?? undefined);
  return { bucket: match[1], prefix: match[2] ?? "", ...(endpoint ? { endpoint } : {}) };
}

/** The connection that reaches a bucket: of this namespace first, then of any other in scope. */
export function connectionFor(bucket: string, namespace: string | undefined, all: ObjectSet): Connection | undefined {
  const fits = (one: Connection) => one.bucket === bucket;
  return connectionsOf(all, namespace).find(fits) ?? connectionsOf(all).find(fits);
}

/** The first connection among the Secrets of a ServiceAccount, as KServe takes it. */
export function connectionOfAccount(
  name: string,
  namespace: string | undefined,
  all: ObjectSet,
): Connection | undefined {
  const account = all.get({ ...kinds.serviceAccount, namespace, name });
  const secrets: { name: string }[] = account?.secrets ?? [];
  return secrets.flatMap((one) => connectionOf(all.get({ ...kinds.secret, namespace, name: one.name })) ?? [])[0];
}
