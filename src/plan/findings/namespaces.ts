import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { finding } from "./table.ts";

/** A namespace on its way out holds only what is not deleted yet. */
export function namespaceFindings({ objects }: Inventory): readonly Finding[] {
  return objects
    .filter(({ ref, object }) => ref.kind === "Namespace" && ref.group === "" && object.metadata.deletionTimestamp)
    .map(({ ref }) =>
      finding(
        "NAMESPACE_BEING_DELETED",
        `namespace ${ref.name}`,
        "it is being deleted: much of it may be gone already",
      ),
    );
}
