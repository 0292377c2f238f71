import type { Finding } from "../../base/finding.ts";
import type { Inventory, InventoryObject } from "../../flow/inventory.ts";
import type { KubeObject } from "../../flow/object.ts";
import { leftOutRule } from "./objects-of.ts";

/** A rule that looks at every object. They share one look, since each look reads the object anew. */
export interface Looking {
  look(one: InventoryObject, seen: Seen): void;
  /** After the last look. */
  findings(): readonly Finding[];
}

export interface Seen {
  readonly object: KubeObject;
  /** By which rule a restore leaves it to others; undefined where it does not, and for objects of the cluster. */
  readonly leftOut: string | undefined;
}

export function lookAtAll(inventory: Inventory, rules: readonly Looking[]): readonly Finding[] {
  for (const one of inventory.objects) {
    const { object } = one; // a second look may read it again
    const seen = { object, leftOut: leftOutRule(one, object, inventory) };
    for (const rule of rules) rule.look(one, seen);
  }
  return rules.flatMap((rule) => rule.findings());
}
