import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { kinds } from "../../profiles/kinds.ts";
import { objectsOf } from "./objects-of.ts";
import { finding } from "./table.ts";

/** A namespace on its way out holds only what is not deleted yet. */
export function namespaceFindings(inventory: Inventory): readonly Finding[] {
  return objectsOf(inventory, kinds.namespace)
    .filter((one) => one.metadata.deletionTimestamp !== undefined)
    .map(({ metadata }) =>
      finding(
        "NAMESPACE_BEING_DELETED",
        `namespace ${metadata.name}`,
        "it is being deleted: much of it may be gone already",
      ),
    );
}
