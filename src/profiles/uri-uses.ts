/** What URIs in fields lead to: buckets and claims. Which fields hold a URI is said by the profiles' paths. */
import { type KubeObject, refOf } from "../flow/object.ts";
import { plainUri } from "../flow/plain-uri.ts";
import { connectionFor, connectionOfAccount, parseS3Uri, useOf } from "./connection.ts";
import { kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { connectionOfMinio, connectionOfPods } from "./own-connections.ts";
import { type NamedText, textsBy, valuesAt } from "./paths.ts";
import type { BucketUse, PathRule, Reference } from "./profile.ts";

/** "pvc://<claim>/<path>" in its parts. */
export function parseClaimUri(uri: string): { readonly claim: string; readonly path: string } | undefined {
  const match = /^pvc:\/\/([^/]+)\/?(.*)$/.exec(uri);
  return match?.[1] ? { claim: match[1], path: (match[2] ?? "").replace(/\/+$/, "") } : undefined;
}

/** The buckets that s3:// URIs name, by whichever connection reaches them. Only kinds that have such fields are looked at. */
export function uriUses(all: ObjectSet, rules: readonly PathRule[]): readonly BucketUse[] {
  const byKind = Map.groupBy(
    rules.filter((rule) => rule.to === "uri"),
    ({ of }) => `${of.kind}.${of.group}`,
  );
  return [...byKind.values()].flatMap((own) => {
    const { group, kind } = own[0]!.of;
    return all
      .ofKind(group, kind)
      .flatMap((object) => textsBy(own, "uri", object).flatMap(({ text }) => useOfUri(object, text, all)));
  });
}

function useOfUri(object: KubeObject, uri: string, all: ObjectSet): readonly BucketUse[] {
  const parts = parseS3Uri(uri);
  if (!parts) return [];
  const { bucket, prefix, endpoint } = parts;
  const { kind, namespace, name } = refOf(object);
  const because = `${kind} ${namespace ? `${namespace}/` : ""}${name} names ${plainUri(uri)}`;
  const connection =
    connectionOfAccount(accountOf(object), namespace, all) ??
    connectionFor(bucket, namespace, all) ??
    (uri.startsWith("minio:") ? connectionOfMinio(namespace, all) : connectionOfPods(object, all));
  if (connection) return [useOf(object, connection, bucket, prefix, because, all)];
  return [{ bucket, prefix, because, by: refOf(object), ...(endpoint ? { endpoint } : {}) }];
}

/** Where it names none, its pods run as the default one. */
function accountOf(object: KubeObject): string {
  const [name = "default"] = [
    ...valuesAt(object, "spec.serviceAccountName"),
    ...valuesAt(object, "spec{*}.serviceAccountName"),
  ];
  return String(name);
}

/** The claims of the object's own namespace that pvc:// URIs name. */
export function claimsByUri(object: KubeObject, uris: readonly NamedText[]): readonly Reference[] {
  const { namespace } = object.metadata;
  if (!namespace) return [];
  return uris.flatMap(({ text, rule }): readonly Reference[] => {
    const claim = parseClaimUri(text)?.claim;
    return claim ? [{ to: { ...kinds.claim, namespace, name: claim }, kind: "mounts", rule }] : [];
  });
}
