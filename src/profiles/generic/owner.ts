import type { KubeObject, OwnerReference } from "../../flow/object.ts";
import type { ObjectSet } from "../object-set.ts";

/** The owner of `object`, if it is one of these objects. By uid, or by name where the copies were made at different moments. */
export function ownerIn(all: ObjectSet, owner: OwnerReference, namespace: string | undefined): KubeObject | undefined {
  const slash = owner.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : owner.apiVersion.slice(0, slash);
  return (
    all.byUid(owner.uid) ??
    all.get({ group, kind: owner.kind, namespace, name: owner.name }) ??
    all.get({ group, kind: owner.kind, name: owner.name })
  );
}
