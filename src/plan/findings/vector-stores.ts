import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { kinds } from "../../profiles/kinds.ts";
import { milvus, vectorStoreOf } from "../../profiles/vector-store.ts";
import { objectsOf } from "./objects-of.ts";
import { finding } from "./table.ts";

/** Vector stores that keep their state in several places. */
export function vectorStoreFindings(inventory: Inventory): readonly Finding[] {
  return [milvus, kinds.statefulSet].flatMap((kind) =>
    objectsOf(inventory, kind).flatMap((object) => {
      const store = vectorStoreOf(object);
      if (!store) return [];
      const { namespace, name } = object.metadata;
      return [
        finding(
          "VECTOR_STORE_PARTS",
          `${namespace} ${object.kind}/${name}`,
          `${store.engine} keeps its state in ${store.parts}: they are cut within one window, and not asked to write out first`,
        ),
      ];
    }),
  );
}
