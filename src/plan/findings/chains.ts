import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { closureOf } from "../closure/index.ts";
import { danglingFindings } from "../closure/dangling.ts";
import { referencesOf } from "../closure/references.ts";
import { finding } from "./table.ts";

/** What chains from endpoints, versions, pipelines and workbenches show: ends where nothing is. */
export function chainFindings(inventory: Inventory): readonly Finding[] {
  const { absent = [] } = inventory;
  return [
    ...missingVersions(inventory),
    ...(absent.length > 0
      ? danglingFindings(referencesOf(closureOf(inventory)), ({ place, part }) =>
          absent.some((one) => one.place === place && one.part === part) ? false : undefined,
        )
      : []),
  ];
}

function missingVersions(inventory: Inventory): readonly Finding[] {
  if ((inventory.registries ?? []).length === 0) return [];
  return closureOf(inventory).chains.flatMap(({ root, steps }) =>
    steps.flatMap(({ from, to, end }) => {
      if (end !== "missing" || from !== root.key || !to.startsWith("version:") || !root.ref) return [];
      const [, registry, id] = /^version:(.+)\/([^/]+)$/.exec(to) ?? [];
      const { namespace, kind, name } = root.ref;
      return [
        finding(
          "REGISTERED_VERSION_MISSING",
          `${namespace} ${kind}/${name}`,
          `its labels name version ${id}, and ModelRegistry ${registry} has no version of that id`,
        ),
      ];
    }),
  );
}
