import type { ClusterFacts, Edge, Inventory, Unreached } from "../flow/inventory.ts";
import { type ApiResource, refKey, refOf } from "../flow/object.ts";
import { connectionsOf } from "../profiles/connection.ts";
import { bucketUsesOf, databasesOf, referencesOf } from "../profiles/index.ts";
import { type ObjectSet, objectSet } from "../profiles/object-set.ts";
import type { BucketUse } from "../profiles/profile.ts";
import { joinBuckets } from "./buckets.ts";
import type { Found } from "./found.ts";
import { redact } from "./redact.ts";
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
}

/** What was read -> the inventory. Pure; Secret values end here. */
export function assemble(parts: Parts): Inventory {
  const all = objectSet(parts.found.map((one) => one.object));
  const uses = [...bucketUsesOf(all), ...(parts.uses ?? [])];
  const joined = joinBuckets(uses);
  const databases = databasesOf(all);
  return {
    takenAt: parts.takenAt,
    cluster: parts.cluster,
    namespaces: parts.namespaces,
    resources: parts.resources,
    objects: parts.found.map(({ resource, object, because }) => ({
      ref: refOf(object),
      resource,
      object: redact(object),
      ...(because ? { because } : {}),
    })),
    edges: unique([
      ...objectEdges(all),
      ...joined.buckets.flatMap((bucket) =>
        uses
          .filter((use) => use.bucket === bucket.bucket)
          .map((use) => ({ from: refKey(use.by), to: bucket.id, kind: "reads" as const, rule: "bucket" })),
      ),
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
    ]),
    volumes: volumesOf(all),
    databases,
    buckets: joined.buckets,
    findings: [],
    unreached: [...parts.unreached, ...joined.unreached, ...unusedBuckets(all, uses)],
  };
}

function objectEdges(all: ObjectSet): readonly Edge[] {
  return [...all.all()].flatMap((object) => {
    const from = refKey(refOf(object));
    return referencesOf(object, all).map(({ to, kind, rule }) => ({ from, to: refKey(to), kind, rule }));
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

function unique(edges: readonly Edge[]): readonly Edge[] {
  return [...new Map(edges.map((edge) => [`${edge.from}\0${edge.to}\0${edge.rule}`, edge])).values()];
}
