import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { danglingFindings } from "../closure/dangling.ts";
import { closureOf } from "../closure/index.ts";
import { missingVersions } from "../closure/missing.ts";
import { referencesOf } from "../closure/references.ts";

/** What chains from endpoints, versions, pipelines and workbenches show: ends where nothing is. */
export function chainFindings(inventory: Inventory): readonly Finding[] {
  const { absent = [], registries = [] } = inventory;
  const places = new Set(absent.map(({ place, part }) => `${place} ${part}`));
  return [
    ...(registries.length > 0 ? missingVersions(closureOf(inventory)) : []),
    ...(absent.length > 0
      ? danglingFindings(referencesOf(closureOf(inventory)), ({ place, part }) =>
          places.has(`${place} ${part}`) ? false : undefined,
        )
      : []),
  ];
}
