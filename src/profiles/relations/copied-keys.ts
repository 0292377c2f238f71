import type { Edge } from "../../flow/inventory.ts";
import { type KubeObject, refKey, refOf } from "../../flow/object.ts";
import { claimOf, connectionsOf } from "../connection.ts";
import { isKind, kinds } from "../kinds.ts";
import type { RelationContext } from "./context.ts";

/**
 * People copy the keys of a bucket claim into a connection, and nothing links the two: when the claim is made anew, its keys
 * are new, and the copy is stale. Equal keys are the link.
 */
export function copiedKeyRelations(object: KubeObject, { all }: RelationContext): readonly Edge[] {
  if (!isKind(object, kinds.bucketClaim)) return [];
  const { namespace, name } = object.metadata;
  const to = refKey(refOf(object));
  return connectionsOf(all).flatMap((connection): readonly Edge[] => {
    const { credentials } = connection;
    const claim = claimOf(connection, all);
    if (claim?.name !== name || claim.namespace !== namespace) return [];
    if (credentials.namespace === namespace && credentials.secret === name) return []; // its own
    const from = refKey({ ...kinds.secret, namespace: credentials.namespace, name: credentials.secret });
    return [{ from, to, kind: "needs", rule: "connection.copiedKeys" }];
  });
}
