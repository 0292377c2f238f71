import type { Edge, Inventory } from "../../flow/inventory.ts";
import type { ObjectRef } from "../../flow/object.ts";
import { type ObjectSet, objectSetOf } from "../../profiles/object-set.ts";
import { isLoaded } from "./loaded.ts";
import { rowEdges } from "./row-edges.ts";
import { rowNames } from "./roots.ts";

/** An inventory, to walk in. */
export interface World {
  readonly inventory: Inventory;
  readonly out: ReadonlyMap<string, readonly Edge[]>;
  readonly objects: ObjectSet;
  readonly names: Readonly<Record<string, string>>;
  /** Kinds that were looked at, as refKey begins with them. */
  readonly looked: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
}

export function worldOf(inventory: Inventory): World {
  return {
    inventory,
    out: Map.groupBy(walkable(inventory.edges, rowEdges(inventory)), (edge) => edge.from),
    objects: objectSetOf(inventory.objects),
    names: rowNames(inventory),
    looked: new Set(inventory.resources.map(({ kind, group }) => (group ? `${kind}.${group}` : kind))),
    namespaces: new Set(inventory.namespaces),
  };
}

/** Of very many edges few are walked: who owns what, and the images of workloads, are left out before they are sorted. */
function* walkable(edges: readonly Edge[], more: readonly Edge[]): Iterable<Edge> {
  for (const edge of edges) if (mayBeFollowed(edge) || edge.rule.startsWith("bucket.")) yield edge;
  yield* more;
}

/** Not to who made it, what it may do, or which other application it talks to. */
const notFollowed = new Set([
  "definition",
  "pod.containers.serviceHost",
  "bucket.credentials",
  "bucket.claim",
  "claim.volumeName",
  "claim.storageClassName",
]);
const imageless = /^(Pod|Deployment|StatefulSet|ReplicaSet|DaemonSet|Job|CronJob)[. ]/;

export function mayBeFollowed({ kind, rule, from, to }: Edge): boolean {
  if (kind === "owns" || notFollowed.has(rule)) return false;
  if (kind === "selects") return rule === "service.selector";
  if (!isLoaded({ rule, to })) return false;
  // What all rows together lead to: each row has its own part.
  if (rule === "bucket" && /^(ModelRegistry\.|Pod )/.test(from)) return false;
  // The images of a workload behind a Service (a database's) are not what an endpoint or a pipeline is made of.
  return !to.startsWith("image:") || !imageless.test(from);
}

/** Of an object or row that a key names: it does not exist, or lies in another namespace. What was not looked for is neither. */
export function isUnknown(key: string, world: World): "missing" | "outside" | undefined {
  if (key.startsWith("version:")) return key in world.names ? undefined : "missing";
  const ref = refOfKey(key);
  if (!ref || world.objects.has(ref)) return undefined;
  if (!ref.namespace) return undefined;
  if (!world.namespaces.has(ref.namespace)) return "outside";
  return world.looked.has(key.slice(0, key.indexOf(" "))) ? "missing" : undefined;
}

/** The other way round from refKey; undefined for a bucket, an image, a row. */
function refOfKey(key: string): ObjectRef | undefined {
  const [, kind, group = "", namespace, name] = /^([A-Z]\w*)(?:\.([^ ]+))? (?:([^/ ]+)\/)?([^/]+)$/.exec(key) ?? [];
  return kind && name ? { kind, group, name, ...(namespace ? { namespace } : {}) } : undefined;
}
