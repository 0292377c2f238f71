import { type ApiResource, type KubeObject, type ObjectRef, refOf } from "../flow/object.ts";
import { objectsOf } from "../kube/objects.ts";
import { bucketClaims, claims } from "../kube/well-known.ts";
import type { RestoreContext } from "./context.ts";

/** Owners of owners; deeper than any operator nests. */
const deepest = 6;

/** A volume's or bucket's claim that would be deleted with `owner`, since it or something that it owns owns the claim. */
export async function ownedData(owner: KubeObject, { client }: RestoreContext): Promise<ObjectRef | undefined> {
  const { namespace, uid } = owner.metadata;
  if (!uid || !namespace) return undefined;
  const kinds = [claims, await client.resource(bucketClaims.group, bucketClaims.kind)];
  for (const kind of kinds.filter((one): one is ApiResource => one !== undefined)) {
    for (const claim of await objectsOf(client, kind, { namespace })) {
      if (await isOwned(claim, deepest)) return refOf(claim);
    }
  }
  return undefined;

  async function isOwned(object: KubeObject, left: number): Promise<boolean> {
    for (const reference of object.metadata.ownerReferences ?? []) {
      if (reference.uid === uid) return true;
      const slash = reference.apiVersion.indexOf("/");
      const kind = await client.resource(slash < 0 ? "" : reference.apiVersion.slice(0, slash), reference.kind);
      const found = left > 0 && kind?.namespaced ? await client.find(kind, reference.name, namespace) : undefined;
      if (found && (await isOwned(found, left - 1))) return true;
    }
    return false;
  }
}
