import type { Inventory, InventoryObject } from "../../flow/inventory.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { ObjectList } from "../../flow/object-list.ts";
import { notRestored } from "../../profiles/index.ts";
import { objectSetOf } from "../../profiles/object-set.ts";
import type { GroupKind } from "../../profiles/profile.ts";

/** The objects of one kind, and a look at no others. */
export function objectsOf({ objects }: Pick<Inventory, "objects">, { group, kind }: GroupKind): ObjectList {
  return objectSetOf(objects).ofKind(group, kind);
}

/** By which rule a restore leaves an object of the namespaces to others. */
export function leftOutRule(
  { ref }: InventoryObject,
  object: KubeObject,
  { objects }: Pick<Inventory, "objects">,
): string | undefined {
  return ref.namespace ? notRestored(object, objectSetOf(objects))?.rule : undefined;
}
