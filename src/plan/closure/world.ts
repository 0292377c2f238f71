import type { Edge, Inventory, InventoryObject } from "../../flow/inventory.ts";
import { refKey } from "../../flow/object.ts";
import { rowEdges } from "./row-edges.ts";
import { rowNames } from "./roots.ts";

/** An inventory, to walk in. */
export interface World {
  readonly inventory: Inventory;
  readonly out: ReadonlyMap<string, readonly Edge[]>;
  readonly objects: ReadonlyMap<string, InventoryObject>;
  readonly names: Readonly<Record<string, string>>;
  /** Kinds that were looked at, as refKey begins with them. */
  readonly looked: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
}

export function worldOf(inventory: Inventory): World {
  return {
    inventory,
    out: Map.groupBy([...inventory.edges, ...rowEdges(inventory)], (edge) => edge.from),
    objects: new Map(inventory.objects.map((one) => [refKey(one.ref), one])),
    names: rowNames(inventory),
    looked: new Set(inventory.resources.map(({ kind, group }) => (group ? `${kind}.${group}` : kind))),
    namespaces: new Set(inventory.namespaces),
  };
}

/** Of an object or row that a key names: it does not exist, or lies in another namespace. What was not looked for is neither. */
export function isUnknown(key: string, world: World): "missing" | "outside" | undefined {
  if (key.startsWith("version:")) return key in world.names ? undefined : "missing";
  const [, kind = "", name = ""] = /^([A-Z][^ ]*) (.+)$/.exec(key) ?? [];
  if (!kind || world.objects.has(key)) return undefined;
  const slash = name.indexOf("/");
  if (slash > 0 && !world.namespaces.has(name.slice(0, slash))) return "outside";
  return slash > 0 && world.looked.has(kind) ? "missing" : undefined;
}
