/** What of an inventory a backup takes. Pure; `planBackup` makes steps of it, `why` words. */
import { type Choice, choose, type Filter, type Selection } from "../flow/backup-scope.ts";
import type { Inventory, InventoryObject, Volume } from "../flow/inventory.ts";
import { type ObjectRef, refKey } from "../flow/object.ts";
import { isEmpty } from "../flow/selector.ts";
import { policyFor } from "../flow/volume-policy.ts";
import { isKind, kinds } from "../profiles/kinds.ts";

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
  const byFilter = (one: InventoryObject) => choose(one.object, filterOf(one.ref, selection));
  const reached = hasFilters(selection) ? reach(inventory, objects, byFilter, selection) : undefined;

  const choiceOf = (key: string): SelectedChoice => {
    const one = objects.get(key);
    if (!one) return { in: true, rule: "everything", reason: "discovery did not look at it" };
    if (isKind(one.object, kinds.namespace))
      return { in: true, rule: "namespace", reason: "its namespace is protected" };
    const choice = byFilter(one);
    const isReached = reached?.has(key) ?? true;
    if (one.ref.namespace) {
      if (choice.in || choice.rule === "exclude-label" || !selection.keepRelated || !isReached) return choice;
      return choose(one.object, { ...filterOf(one.ref, selection), isRelated: () => true });
    }
    if (!choice.in) return choice;
    if (isReached) return { in: true, rule: "reached", reason: one.because ?? "a chosen object leans on it" };
    return {
      in: false,
      rule: "not-reached",
      reason: `${one.because ?? "named"}, but only by objects that are left out`,
    };
  };
  return {
    choiceOf,
    relatedIn: (namespace) =>
      reached && selection.keepRelated
        ? [...objects].flatMap(([key, one]) =>
            one.ref.namespace === namespace && choiceOf(key).rule === "related" ? [key] : [],
          )
        : [],
    leftOutOfCluster: [...objects].flatMap(([key, one]) => (one.ref.namespace || choiceOf(key).in ? [] : [key])),
    volumes: inventory.volumes.map((volume) => ofVolume(volume, selection, choiceOf, objects)),
  };
}

/** The include and exclude of an object's place: its namespace's, or those of the cluster's objects. */
export function filterOf(ref: ObjectRef, { namespaces, clusterResources }: Selection): Filter {
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
  byFilter: (one: InventoryObject) => Choice,
  { keepRelated, clusterResources }: Selection,
): ReadonlySet<string> {
  const leansOn = Map.groupBy(inventory.edges, (edge) => edge.from);
  const reached = new Set<string>();
  const isStart = (one: InventoryObject) =>
    one.ref.namespace !== undefined ||
    isKind(one.object, kinds.namespace) ||
    choose(one.object, { include: clusterResources?.include ?? {} }).rule === "included";
  const open: string[] = [];
  for (const [key, one] of objects) if (isStart(one) && byFilter(one).in) open.push(key);
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (reached.has(key)) continue;
    reached.add(key);
    for (const { to } of leansOn.get(key) ?? []) {
      const one = objects.get(to);
      if (!one || reached.has(to)) continue;
      const choice = byFilter(one);
      const mayPass = choice.in || (keepRelated && one.ref.namespace && choice.rule !== "exclude-label");
      if (mayPass) open.push(to);
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

export function claimKey(volume: Volume): string {
  return refKey({ ...kinds.claim, namespace: volume.namespace, name: volume.claim });
}
