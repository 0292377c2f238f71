/**
 * The lists that discovery made, as the lists of the point. Where databases are held and volumes are cut, objects are listed a
 * second time, right after the cut, since they have to fit to it, and what changed in between is told as skew. Where a backup
 * takes nothing but objects there is no cut that they could fit to: a second round of lists would be no more of one moment
 * than the first was, only younger by the time that it took to plan. So the first one is kept. Then the point holds exactly
 * what its findings and its plan were made of, begins when discovery did (`takenAt`), and nothing can have changed between two looks.
 */
import type { BackupSteps } from "../flow/backup-plan.ts";
import type { Inventory } from "../flow/inventory.ts";
import { type Kept, sourceOf } from "../flow/kept.ts";
import { type ApiResource, resourceName } from "../flow/object.ts";

/** Of a kind in a namespace, in the order of the server; undefined where discovery could not list it. */
export type FirstLists = (namespace: string, resource: ApiResource) => readonly Kept[] | undefined;

export function takesObjectsOnly({ steps }: BackupSteps): boolean {
  return steps.every((step) => step.kind === "objects");
}

export function firstLists(inventory: Inventory): FirstLists {
  const unread = unreadPlaces(inventory);
  const places = Map.groupBy(inventory.objects, ({ ref, resource }) => placeOf(ref.namespace ?? "", resource));
  return (namespace, resource) => {
    const place = placeOf(namespace, resource);
    if (unread.has(place)) return undefined;
    return (places.get(place) ?? []).flatMap((one) => sourceOf(one) ?? []);
  };
}

/** What discovery could not list, and has told: a second look would end the backup of all else. */
export function unreadPlaces({ unreached = [] }: Inventory): ReadonlySet<string> {
  return new Set(
    unreached.flatMap(({ kind, what }) => (kind === "resource" || kind === "silent-resource" ? what : [])),
  );
}

/** As `Unreached.what` has it. */
export function placeOf(namespace: string, resource: ApiResource): string {
  return `${resourceName(resource)} in ${namespace}`;
}
