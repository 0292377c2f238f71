import type { Inventory, InventoryObject } from "../../flow/inventory.ts";
import type { ObjectList } from "../../flow/object-list.ts";
import { notRestored } from "../../profiles/index.ts";
import { objectSetOf } from "../../profiles/object-set.ts";
import type { GroupKind } from "../../profiles/profile.ts";

/** The objects of one kind, and a look at no others. */
export function objectsOf({ objects }: Pick<Inventory, "objects">, { group, kind }: GroupKind): ObjectList {
  return objectSetOf(objects).ofKind(group, kind);
}

const known = new WeakMap<Inventory["objects"], ReadonlyMap<InventoryObject, string>>();

/** By which rule a restore leaves objects of the namespaces to others. Several findings ask, and it takes a look at every object. */
export function leftOutRules({ objects }: Pick<Inventory, "objects">): ReadonlyMap<InventoryObject, string> {
  const before = known.get(objects);
  if (before) return before;
  const all = objectSetOf(objects);
  const rules = new Map<InventoryObject, string>();
  for (const one of objects) {
    const left = one.ref.namespace ? notRestored(one.object, all) : undefined;
    if (left) rules.set(one, left.rule);
  }
  known.set(objects, rules);
  return rules;
}
