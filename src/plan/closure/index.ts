/** Room "closure": from every endpoint, registered version, pipeline and workbench to the bytes. Pure. */
import type { Closure } from "../../flow/closure.ts";
import type { Inventory } from "../../flow/inventory.ts";

/** All chains of an inventory. */
export function closureOf(_inventory: Inventory): Closure {
  return { chains: [] };
}
