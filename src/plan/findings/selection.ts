import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import { excludeLabelOf } from "../../flow/backup-scope.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { controllerOf, refKey } from "../../flow/object.ts";
import type { Selected } from "../backup-selection.ts";
import type { Looking } from "./look.ts";
import { finding } from "./table.ts";

/** Shown in one finding; the rest is counted. */
const most = 6;

/** What a plan's choice leaves out in a way that a person may not have meant. */
export function selectionFindings(inventory: Inventory, selected: Selected): readonly Finding[] {
  return [...skipped(selected), ...relatedLeftOut(inventory, selected)];
}

/** Labels work without any plan: `inspect` says so too. */
export function labelFindings(): Looking {
  const labelled: { readonly place: string; readonly name: string }[] = [];
  return {
    look({ ref }, { object }) {
      const label = excludeLabelOf(object);
      if (label) labelled.push({ place: `${ref.namespace ?? ""} ${label}`, name: `${ref.kind}/${ref.name}` });
    },
    findings: () =>
      [...Map.groupBy(labelled, ({ place }) => place)].map(([place, found]) => {
        const [namespace, label] = place.split(" ");
        return finding(
          "EXCLUDED_BY_LABEL",
          namespace ? `namespace ${namespace}` : "the cluster",
          `${someOf(
            found.map(({ name }) => name),
            most,
          )} ${found.length === 1 ? "carries" : "carry"} ${label}=true`,
        );
      }),
  };
}

function skipped({ volumes }: Selected): readonly Finding[] {
  return volumes.flatMap(({ volume, leftOut }) =>
    leftOut?.by === "policy"
      ? [finding("VOLUME_SKIPPED", `${volume.namespace} PersistentVolumeClaim/${volume.claim}`, leftOut.reason)]
      : [],
  );
}

/** One finding per namespace of what is left out. What controllers make again, and what is only looked at, needs nothing. */
function relatedLeftOut(inventory: Inventory, selected: Selected): readonly Finding[] {
  const out = new Map(
    inventory.objects.flatMap((one) => {
      const key = refKey(one.ref);
      return one.ref.namespace && !selected.choiceOf(key).in ? [[key, one] as const] : [];
    }),
  );
  if (out.size === 0) return [];
  const known = new Map(inventory.objects.map((one) => [refKey(one.ref), one]));
  const needs = new Set(["mounts", "reads", "needs"]);
  const missed = new Map<string, string>();
  for (const { from, to, kind, rule } of inventory.edges) {
    if (!needs.has(kind) || missed.has(to) || !out.has(to)) continue;
    const by = known.get(from);
    const isChild = controllerOf(by?.object);
    if (by && !isChild && selected.choiceOf(from).in) missed.set(to, `${by.ref.kind}/${by.ref.name} by ${rule}`);
  }
  const places = Map.groupBy(missed, ([key]) => out.get(key)?.ref.namespace ?? "");
  return [...places].map(([namespace, found]) =>
    finding(
      "RELATED_LEFT_OUT",
      `namespace ${namespace}`,
      someOf(
        found.map(([key, by]) => `${out.get(key)?.ref.kind}/${out.get(key)?.ref.name} (needed by ${by})`),
        most,
      ),
    ),
  );
}
