import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { type KubeObject, refKey } from "../../flow/object.ts";
import { notRestored, referencesOf } from "../../profiles/index.ts";
import { type ObjectSet, objectSet } from "../../profiles/object-set.ts";
import { finding } from "./table.ts";

/** References into nothing, once per missing object. Children are passed over: their owners say the same. */
export function referenceFindings(inventory: Inventory): readonly Finding[] {
  const all = objectSet(inventory.objects.map((one) => one.object));
  const scope = new Set(inventory.namespaces);
  const looked = new Set(inventory.resources.map((one) => `${one.kind}.${one.group}`));
  const blind = (inventory.unreached ?? []).some((one) => one.kind === "cluster-resource");
  const missing = new Map<string, { kind: string; by: string[] }>();
  for (const { object, ref } of inventory.objects) {
    if (!ref.namespace || notRestored(object, all)) continue;
    for (const { to, optional, rule } of referencesOf(object, all)) {
      // What was not looked for cannot be called missing: other namespaces, kinds that may not be read.
      const known = to.namespace
        ? scope.has(to.namespace) && looked.has(`${to.kind}.${to.group}`)
        : !blind && (to.kind === "ClusterServingRuntime" || to.kind === "StorageClass");
      if (optional || !known || all.get(to)) continue;
      const key = refKey(to);
      const entry = missing.get(key) ?? { kind: to.kind, by: [] };
      entry.by.push(`${ref.kind}/${ref.name} (${rule})`);
      missing.set(key, entry);
    }
  }
  return [...missing].map(([key, { kind, by }]) =>
    finding(
      kind === "Secret" ? "SECRET_MISSING" : "REFERENCE_MISSING",
      key,
      `it does not exist, and is named by ${[...new Set(by)].join(", ")}`,
    ),
  );
}

/** What belongs to the platform, in one line per namespace. */
export function platformFindings(inventory: Inventory): readonly Finding[] {
  const all: ObjectSet = objectSet(inventory.objects.map((one) => one.object));
  const byNamespace = new Map<string, string[]>();
  for (const { object, ref } of inventory.objects) {
    if (!ref.namespace || !isPlatforms(object, all)) continue;
    byNamespace.set(ref.namespace, [...(byNamespace.get(ref.namespace) ?? []), `${ref.kind}/${ref.name}`]);
  }
  return [...byNamespace].map(([namespace, names]) => {
    const shown = names.slice(0, 6).join(", ");
    const more = names.length > 6 ? ` and ${names.length - 6} more` : "";
    return finding(
      "PLATFORM_OWNED",
      `namespace ${namespace}`,
      `${shown}${more} belong to the platform and are left to it at a restore`,
    );
  });
}

function isPlatforms(object: KubeObject, all: ObjectSet): boolean {
  return notRestored(object, all)?.rule === "platform-owned";
}
