import type { ContentUser } from "../../flow/contents.ts";
import type { Bucket, Inventory } from "../../flow/inventory.ts";
import { controllerOf } from "../../flow/object.ts";
import { contentUser, mayTrain, usesOf } from "./uses.ts";

/** By id of a volume or bucket: the runs that write there. Looks only at kinds that run to an end. */
export function contentUsers(inventory: Inventory): ReadonlyMap<string, readonly ContentUser[]> {
  const users = new Map<string, ContentUser[]>();
  const add = (id: string, user: ContentUser) => users.set(id, [...(users.get(id) ?? []), user]);
  for (const one of inventory.objects) {
    const { namespace, kind, group } = one.ref;
    if (!namespace || !mayTrain({ apiVersion: `${group}/v1`, kind, metadata: { name: "" } })) continue;
    const { object } = one;
    if (controllerOf(object)) continue;
    const uses = usesOf(object);
    for (const place of uses.claims) add(`${namespace}/${place.name}`, contentUser(object, place));
    for (const bucket of inventory.buckets) {
      const place = uses.buckets.find(({ name }) => name === bucket.bucket) ?? byKeys(bucket, namespace, uses.secrets);
      if (place) add(bucket.id, contentUser(object, place));
    }
  }
  return users;
}

function byKeys(
  { bucket, credentials }: Pick<Bucket, "bucket" | "credentials">,
  namespace: string,
  secrets: readonly string[],
) {
  const isKnown = credentials.namespace === namespace && secrets.includes(credentials.secret);
  return isKnown ? { name: bucket, directories: [] } : undefined;
}
