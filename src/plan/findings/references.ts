import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { type ObjectRef, refKey } from "../../flow/object.ts";
import { referencesOf } from "../../profiles/index.ts";
import { objectSetOf } from "../../profiles/object-set.ts";
import type { Looking } from "./look.ts";
import { finding } from "./table.ts";

/** References into nothing, once per missing object. Children are passed over: their owners say the same. */
export function referenceFindings(inventory: Inventory): Looking {
  const all = objectSetOf(inventory.objects);
  const scope = new Set(inventory.namespaces);
  const looked = new Set(inventory.resources.map((one) => `${one.kind}.${one.group}`));
  const blind = (inventory.unreached ?? []).some((one) => one.kind === "cluster-resource");
  const missing = new Map<string, { kind: string; by: string[] }>();
  // What was not looked for cannot be called missing: other namespaces, kinds that may not be read.
  const isKnown = (to: ObjectRef) =>
    to.namespace
      ? scope.has(to.namespace) && looked.has(`${to.kind}.${to.group}`)
      : !blind && (to.kind === "ClusterServingRuntime" || to.kind === "StorageClass");
  return {
    look({ ref }, { object, leftOut }) {
      if (!ref.namespace || leftOut) return;
      for (const { to, optional, rule } of referencesOf(object, all)) {
        if (optional || !isKnown(to) || all.has(to)) continue;
        const key = refKey(to);
        const entry = missing.get(key) ?? { kind: to.kind, by: [] };
        entry.by.push(`${ref.kind}/${ref.name} (${rule})`);
        missing.set(key, entry);
      }
    },
    findings: () =>
      [...missing].map(([key, { kind, by }]) =>
        finding(
          kind === "Secret" ? "SECRET_MISSING" : "REFERENCE_MISSING",
          key,
          `it does not exist, and is named by ${[...new Set(by)].join(", ")}`,
        ),
      ),
  };
}

/** What belongs to the platform, in one line per namespace. */
export function platformFindings(): Looking {
  const owned: ObjectRef[] = [];
  return {
    look({ ref }, { leftOut }) {
      if (leftOut === "platform-owned") owned.push(ref);
    },
    findings: () => platformOwned(owned),
  };
}

function platformOwned(owned: readonly ObjectRef[]): readonly Finding[] {
  return [...Map.groupBy(owned, (ref) => ref.namespace)].map(([namespace, names]) => {
    const shown = someOf(
      names.map((ref) => `${ref.kind}/${ref.name}`),
      6,
    );
    return finding(
      "PLATFORM_OWNED",
      `namespace ${namespace}`,
      `${shown} belong to the platform and are left to it at a restore`,
    );
  });
}
