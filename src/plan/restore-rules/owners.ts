import { type OwnerReference, refKey, refOf } from "../../flow/object.ts";
import type { ChangeContext, ChangeRule } from "./rule.ts";

/** uid of an owner that this restore writes first; the executor puts the new uid in its place. */
export const uidOfThisRestore = "";

/**
 * Owner references hold uids of the old cluster: the garbage collector would delete the object within seconds.
 * They are linked to the owner in the target, or dropped.
 */
export const ownerReferences: ChangeRule = {
  name: "owner-references",
  change: (object, context) => {
    const before = object.metadata.ownerReferences;
    delete object.metadata.ownerReferences;
    if (!before?.length) return undefined;
    const after = isState(object.kind) ? [] : before.flatMap((owner) => relink(owner, context));
    if (after.length > 0) object.metadata.ownerReferences = after;
    const dropped = before.filter(
      (owner) => !after.some((kept) => kept.name === owner.name && kept.kind === owner.kind),
    );
    const words = [
      ...after.map((owner) => `linked to its owner ${owner.kind} ${owner.name}`),
      ...dropped.map((owner) => `link to ${owner.kind} ${owner.name} dropped`),
    ];
    return words.join(", ");
  },
};

/** Data and Secrets are written before their owner, which adopts them; they do not die with it. */
function isState(kind: string): boolean {
  return kind === "PersistentVolumeClaim" || kind === "Secret";
}

function relink(owner: OwnerReference, context: ChangeContext): OwnerReference[] {
  const original = context.all.byUid(owner.uid);
  if (!original) return [];
  const ref = refOf(original);
  const namespace = ref.namespace && (context.namespaces.get(ref.namespace) ?? ref.namespace);
  const name = context.newNames.get(refKey(ref)) ?? ref.name;
  const existing = context.target.existing.get(refKey({ ...ref, name, ...(namespace ? { namespace } : {}) }));
  if (context.isWritten(owner.uid)) return [{ ...owner, uid: uidOfThisRestore }];
  return existing ? [{ ...owner, uid: existing.uid }] : [];
}
