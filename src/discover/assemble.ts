import type { Hardware } from "../flow/hardware.ts";
import type { Bucket, ClusterFacts, Database, Edge, Inventory, InventoryObject, Unreached } from "../flow/inventory.ts";
import { withObject, withSource } from "../flow/kept.ts";
import { type ApiResource, type ObjectRef, refKey, refOf } from "../flow/object.ts";
import { keptIn } from "../flow/object-list.ts";
import { connectionsOf, staleConnectionsOf } from "../profiles/connection.ts";
import { bucketUsesOf, databasesOf, referencesOf, rowHostsOf } from "../profiles/index.ts";
import { type ObjectSet, objectSet } from "../profiles/object-set.ts";
import type { BucketUse } from "../profiles/profile.ts";
import { relationContext, relationsOf } from "../profiles/relations/index.ts";
import type { PipelineRows, RegistryRows } from "../flow/rows.ts";
import { joinBuckets } from "./buckets.ts";
import type { Found } from "./found.ts";
import { volumesOf } from "./volumes.ts";

export interface Parts {
  readonly takenAt: string;
  readonly cluster: ClusterFacts;
  readonly namespaces: readonly string[];
  readonly resources: readonly ApiResource[];
  readonly found: readonly Found[];
  readonly unreached: readonly Unreached[];
  /** Uses that had to be asked for, beyond what the objects say. */
  readonly uses?: readonly BucketUse[];
  readonly hardware?: Hardware;
  readonly registries?: readonly RegistryRows[];
  readonly pipelines?: readonly PipelineRows[];
}

/** What was read -> the inventory. Pure; Secret values end here, but for `sourceOf`. */
export function assemble(parts: Parts): Inventory {
  const all = objectSet(parts.found.map((one) => one.kept));
  const uses = [...bucketUsesOf(all), ...(parts.uses ?? [])];
  const joined = joinBuckets(uses);
  const databases = databasesOf(all);
  return {
    takenAt: parts.takenAt,
    cluster: parts.cluster,
    namespaces: parts.namespaces,
    resources: parts.resources,
    objects: parts.found.map(inventoryObject),
    edges: [
      ...objectEdges(all, parts),
      ...unique(joinedEdges(uses, joined.buckets, databases)),
      ...connectionEdges(all, joined.buckets),
    ],
    volumes: volumesOf(all),
    databases,
    buckets: joined.buckets,
    ...(parts.hardware ? { hardware: parts.hardware } : {}),
    findings: [],
    unreached: [
      ...parts.unreached,
      ...joined.unreached,
      ...unusedBuckets(all, uses),
      ...staleConnections(all, joined.buckets),
    ],
    rowHosts: rowHostsOf(all),
    ...(parts.registries ? { registries: parts.registries } : {}),
    ...(parts.pipelines ? { pipelines: parts.pipelines } : {}),
  };
}

function inventoryObject({ resource, kept, shown, because }: Found): InventoryObject {
  const { ref, uid } = shown;
  const base = { ref, resource, ...(uid ? { uid } : {}), ...(because ? { because } : {}) };
  const one = withObject(base, "object", shown);
  return kept === shown ? one : withSource(one, kept);
}

function objectEdges(all: ObjectSet, { namespaces, found }: Parts): readonly Edge[] {
  const edges: Edge[] = [];
  const share = sharedTexts();
  const context = relationContext(all, namespaces, found);
  // Of what an object can do without, nothing is said where it is not there.
  const isOutside = ({ namespace }: ObjectRef) => namespace !== undefined && !namespaces.includes(namespace);
  const leaves = new Set(found.flatMap((one) => (one.isLeaf ? one.kept : [])));
  for (const kept of keptIn(all.all())) {
    if (leaves.has(kept)) continue;
    const { object } = kept;
    const references = referencesOf(object, all)
      .filter(({ to, optional }) => !optional || all.has(to) || isOutside(to))
      .map(({ to, kind, rule }) => ({ to: refKey(to), kind, rule }));
    const from = refKey(refOf(object));
    const own: Edge[] = [...references.map((one) => ({ from, ...one })), ...relationsOf(object, context)];
    for (const one of withParts(unique(own))) edges.push({ ...one, from: share(one.from), to: share(one.to) });
  }
  return edges;
}

/** Many objects lean on the same few: memory holds each key once. (As a property's name it is also one flat string.) */
function sharedTexts(): (text: string) => string {
  const known: Record<string, string> = Object.create(null);
  return (text) => (known[text] ??= text);
}

/** What leads to buckets and databases, from the objects that use them. */
function joinedEdges(
  uses: readonly BucketUse[],
  buckets: readonly Bucket[],
  databases: readonly Database[],
): readonly Edge[] {
  return [
    ...buckets.flatMap((bucket) =>
      uses
        .filter((use) => use.bucket === bucket.bucket)
        .map((use) => ({
          from: refKey(use.by),
          to: bucket.id,
          kind: "reads" as const,
          rule: "bucket",
          ...(use.prefix ? { part: use.prefix } : {}),
        })),
    ),
    ...uses.flatMap(({ bucket, prefix, by }): readonly Edge[] =>
      buckets.some((one) => one.bucket === bucket)
        ? []
        : [{ from: refKey(by), to: `uri:s3://${bucket}/${prefix}`, kind: "reads", rule: "bucket" }],
    ),
    ...buckets.flatMap(bucketEdges),
    ...databases.flatMap((database) => [
      {
        from: refKey({ group: "", kind: "Pod", namespace: database.namespace, name: database.pod }),
        to: database.id,
        kind: "stores" as const,
        rule: "database",
      },
      ...database.volumes.map((volume) => ({
        from: database.id,
        to: volume,
        kind: "stores" as const,
        rule: "database.volume",
      })),
    ]),
  ];
}

/** A bucket is reached by a Secret, and lives as long as the claim that made it. */
function bucketEdges({ id, claim, credentials: { namespace, secret } }: Bucket): readonly Edge[] {
  const reached = refKey({ group: "", kind: "Secret", namespace, name: secret });
  const made = claim && refKey({ group: "objectbucket.io", kind: "ObjectBucketClaim", ...claim });
  return [
    { from: id, to: reached, kind: "reads", rule: "bucket.credentials" },
    ...(made ? [{ from: id, to: made, kind: "needs" as const, rule: "bucket.claim" }] : []),
  ];
}

/** Code in a workbench that has a connection may read all of its bucket. */
function connectionEdges(all: ObjectSet, buckets: readonly Bucket[]): readonly Edge[] {
  return connectionsOf(all).flatMap(({ bucket: name, endpoint, credentials: { namespace, secret } }) => {
    const fits = buckets.filter((one) => one.bucket === name);
    const bucket = fits.find((one) => one.endpoint === endpoint) ?? fits[0];
    const from = refKey({ group: "", kind: "Secret", namespace, name: secret });
    return bucket ? [{ from, to: bucket.id, kind: "reads" as const, rule: "connection.bucket" }] : [];
  });
}

/** Connections that a person made and nothing in scope is seen to use: code in a workbench may. */
function unusedBuckets(all: ObjectSet, uses: readonly BucketUse[]): readonly Unreached[] {
  const used = new Set(uses.map((one) => one.bucket));
  return connectionsOf(all).flatMap(({ bucket, credentials }): readonly Unreached[] => {
    if (!bucket || used.has(bucket)) return [];
    const by = refKey({ group: "", kind: "Secret", namespace: credentials.namespace, name: credentials.secret });
    return [
      {
        kind: "unused-bucket",
        what: bucket,
        by,
        because: `Secret ${credentials.namespace}/${credentials.secret} connects to it, and nothing else here names it`,
      },
    ];
  });
}

/** Keys that were copied from a claim, and are not the claim's any more (knowledge: trap A5). */
function staleConnections(all: ObjectSet, buckets: readonly Bucket[]): readonly Unreached[] {
  return staleConnectionsOf(all, buckets).map(({ connection, bucket }) => {
    const { namespace, secret } = connection.credentials;
    const claim = `${bucket.claim?.namespace}/${bucket.claim?.name}`;
    return {
      kind: "stale-connection",
      what: `${namespace} Secret/${secret}`,
      by: refKey({ group: "", kind: "Secret", namespace, name: secret }),
      because: `it names bucket ${bucket.bucket} of ObjectBucketClaim ${claim}, and its keys are not those of the claim: copied before the claim was made again, they open nothing`,
    };
  });
}

/** Two rules may tell of the same field; the one that says which part is meant says more. */
function withParts(edges: readonly Edge[]): readonly Edge[] {
  const exact = new Set(edges.flatMap(({ to, rule, part }) => (part ? `${to}\0${rule}` : [])));
  return exact.size === 0 ? edges : edges.filter(({ to, rule, part }) => part || !exact.has(`${to}\0${rule}`));
}

function unique(edges: readonly Edge[]): readonly Edge[] {
  return [
    ...new Map(edges.map((edge) => [`${edge.from}\0${edge.to}\0${edge.rule}\0${edge.part ?? ""}`, edge])).values(),
  ];
}
