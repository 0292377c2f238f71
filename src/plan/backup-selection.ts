/** What of an inventory a backup takes. Pure; `planBackup` makes steps of it, `why` words. */
import { asRelated, type Choice, choose, type Filter, type Selection } from "../flow/backup-scope.ts";
import type { Inventory, InventoryObject, Volume } from "../flow/inventory.ts";
import { keptAt, traitsOf } from "../flow/kept.ts";
import { type ObjectRef, refKey } from "../flow/object.ts";
import { isEmpty, matches } from "../flow/selector.ts";
import { policyFor } from "../flow/volume-policy.ts";
import { kinds } from "../profiles/kinds.ts";

export interface Selected {
  /** Of an object that discovery saw; one that it did not see is in. */
  choiceOf(key: string): SelectedChoice;
  /** Objects that filters leave out and that stay, because chosen ones lean on them: refKeys of one namespace. */
  relatedIn(namespace: string): readonly string[];
  /** refKeys of cluster-scoped objects that are not taken. */
  readonly leftOutOfCluster: readonly string[];
  readonly volumes: readonly SelectedVolume[];
}

export type SelectedChoice = Omit<Choice, "rule"> & {
  readonly rule: Choice["rule"] | "not-reached" | "reached" | "namespace";
};

export interface SelectedVolume {
  readonly volume: Volume;
  /** Set where it is not taken, and why. */
  readonly leftOut?: { readonly by: "filter" | "policy"; readonly reason: string };
}

export function select(inventory: Inventory, selection: Selection): Selected {
  const objects = new Map(inventory.objects.map((one) => [refKey(one.ref), one]));
  const byFilter = filterAll(objects, selection);
  const reached = hasFilters(selection) ? reach(inventory, objects, byFilter, selection) : undefined;

  const choiceOf = (key: string): SelectedChoice => {
    const one = objects.get(key);
    if (!one) return { in: true, rule: "everything", reason: "discovery did not look at it" };
    if (isNamespace(one.ref)) return { in: true, rule: "namespace", reason: "its namespace is protected" };
    const choice = byFilter(key);
    const isReached = reached?.has(key) ?? true;
    if (one.ref.namespace) {
      const mayStay = selection.keepRelated && isReached && choice.rule !== "exclude-label";
      return choice.in || !mayStay ? choice : asRelated(choice);
    }
    if (!choice.in) return choice;
    if (isReached) return { in: true, rule: "reached", reason: reasonOf(one) };
    return { in: false, rule: "not-reached", reason: `only objects that are left out lean on it` };
  };
  const keys = [...objects];
  return {
    choiceOf,
    relatedIn: (namespace) =>
      reached && selection.keepRelated
        ? keys.flatMap(([key, { ref }]) =>
            ref.namespace === namespace && choiceOf(key).rule === "related" ? [key] : [],
          )
        : [],
    leftOutOfCluster: keys.flatMap(([key, { ref }]) => (ref.namespace || choiceOf(key).in ? [] : [key])),
    volumes: inventory.volumes.map((volume) => ofVolume(volume, selection, choiceOf, objects)),
  };
}

/** Discovery says why in words, or by the rule of the reference that led there. */
function reasonOf({ because = "" }: InventoryObject): string {
  return because.includes(" ") ? because : `a chosen object leans on it, by ${because || "a reference"}`;
}

type ByFilter = (key: string) => Choice;

/** Looks at an object where a filter or a label may leave it out; what is in because everything is needs no place in memory. */
function filterAll(objects: ReadonlyMap<string, InventoryObject>, selection: Selection): ByFilter {
  const everything = choose({ apiVersion: "v1", kind: "", metadata: { name: "" } }, {});
  const others = new Map<string, Choice>();
  const shared = new Map<string, Choice>(); // few reasons, many objects
  for (const [key, one] of objects) {
    const filter = filterOf(one.ref, selection);
    const isFree = isEmpty(filter.include) && isEmpty(filter.exclude);
    if (isFree && !traitsOf(keptAt(one, "object")!).isMarked) continue;
    const choice = choose(one.object, filter);
    if (choice.rule === "everything") continue;
    others.set(key, shared.get(choice.reason) ?? choice);
    shared.set(choice.reason, others.get(key) ?? choice);
  }
  return (key) => others.get(key) ?? everything;
}

function isNamespace({ group, kind }: ObjectRef): boolean {
  return kind === "Namespace" && group === "";
}

/** The include and exclude of an object's place: its namespace's, or those of the cluster's objects. */
function filterOf(ref: ObjectRef, { namespaces, clusterResources }: Selection): Filter {
  // What is included beside references is said by discovery; there is nothing that must be included.
  if (!ref.namespace) return clusterResources?.exclude ? { exclude: clusterResources.exclude } : {};
  return namespaces?.find((one) => one.name === ref.namespace) ?? {};
}

/** Without filters everything is in, and nobody has to walk the graph. */
function hasFilters({ namespaces = [], clusterResources }: Selection): boolean {
  return (
    !isEmpty(clusterResources?.exclude) || namespaces.some((one) => !isEmpty(one.include) || !isEmpty(one.exclude))
  );
}

/**
 * What chosen objects lean on, step by step. The walk does not go on through an object that is left out, unless `keepRelated`
 * keeps it.
 */
function reach(
  inventory: Inventory,
  objects: ReadonlyMap<string, InventoryObject>,
  byFilter: ByFilter,
  { keepRelated, clusterResources }: Selection,
): ReadonlySet<string> {
  const leansOn = Map.groupBy(inventory.edges, (edge) => edge.from);
  const reached = new Set<string>();
  const byRule = (one: InventoryObject) => matches(clusterResources?.include, one.object);
  const open: string[] = [];
  for (const [key, one] of objects) {
    if (byFilter(key).in && (one.ref.namespace || isNamespace(one.ref) || byRule(one))) open.push(key);
  }
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (reached.has(key)) continue;
    reached.add(key);
    for (const { to } of leansOn.get(key) ?? []) {
      const one = objects.get(to);
      if (reached.has(to)) continue;
      if (!one) {
        if (leansOn.has(to)) open.push(to); // a bucket, a database: the walk goes on to what they lean on
        continue;
      }
      const choice = byFilter(to);
      if (choice.in || (keepRelated && one.ref.namespace && choice.rule !== "exclude-label")) open.push(to);
    }
  }
  return reached;
}

/** The claim's choice, then the policies. */
function ofVolume(
  volume: Volume,
  { volumePolicies }: Selection,
  choiceOf: Selected["choiceOf"],
  objects: ReadonlyMap<string, InventoryObject>,
): SelectedVolume {
  const key = claimKey(volume);
  const choice = choiceOf(key);
  if (!choice.in) return { volume, leftOut: { by: "filter", reason: choice.reason } };
  const policy = policyFor(volumePolicies, volume, objects.get(key)?.object.metadata.labels);
  if (!policy) return { volume };
  if (policy.action === "skip")
    return { volume, leftOut: { by: "policy", reason: `volumePolicies[${policy.at}] says skip` } };
  return { volume: { ...volume, policy: policy.action } };
}

function claimKey(volume: Volume): string {
  return refKey({ ...kinds.claim, namespace: volume.namespace, name: volume.claim });
}
