import type { Inventory } from "../../flow/inventory.ts";
import { objectSetOf } from "../../profiles/object-set.ts";
import { findingsOf } from "../findings/index.ts";
import { leftOutRule } from "../findings/objects-of.ts";
import { assetsOf } from "./assets.ts";
import { faultsOf, notesOf } from "./faults.ts";
import { protectionOf } from "./protection.ts";
import type { Known, Report } from "./report.ts";
import { verdictOf } from "./verdict.ts";

/** Pure. The findings are those of a backup of the same namespaces, so that the two never disagree. */
export function inspect(inventory: Inventory, known: Known = {}): Report {
  const all = objectSetOf(inventory.objects);
  const points = (known.points ?? []).flatMap((one) =>
    one.cluster === inventory.cluster.uid ? (one.point ?? []) : [],
  );
  const findings = findingsOf(inventory);
  const faults = faultsOf(findings, inventory);
  const protection = protectionOf(inventory, known);
  return {
    cluster: { ...inventory.cluster, ...(known.clusterName ? { name: known.clusterName } : {}) },
    namespaces: inventory.namespaces,
    ...(known.isWholeCluster ? { isWholeCluster: true } : {}),
    takenAt: inventory.takenAt,
    verdict: verdictOf(protection, faults),
    protection,
    faults,
    notes: notesOf(findings, inventory),
    ...assetsOf(inventory, all, points, known.sizes ?? new Map()),
    objects: objectsOf(inventory),
    findings,
  };
}

function objectsOf(inventory: Inventory): Report["objects"] {
  const inScope = inventory.objects.filter((one) => one.ref.namespace !== undefined);
  const left = inScope.filter((one) => leftOutRule(one, one.object, inventory)).length;
  return {
    total: inScope.length,
    kinds: new Set(inScope.map((one) => `${one.ref.kind}.${one.ref.group}`)).size,
    restored: inScope.length - left,
    leftToControllers: left,
    clusterScoped: inventory.objects.length - inScope.length,
  };
}
