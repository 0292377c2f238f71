import { notRestored } from "../../profiles/index.ts";
import type { DecideRule, RuleContext } from "./rule.ts";
import { create, named, skip } from "./rule.ts";
import { controllerOf, type KubeObject } from "../../flow/object.ts";

/** An object on its way out when the point was made stays out. */
export const wasBeingDeleted: DecideRule = {
  name: "was-being-deleted",
  decide: (object) =>
    object.metadata.deletionTimestamp ? skip("it was being deleted when the point was made") : undefined,
};

/**
 * What the profiles know: controllers' children, what a cluster makes itself, what is finished. A Secret that a custom
 * resource owns is kept all the same: its controller uses what it finds, and a new password would not fit the data.
 */
export const byProfile: DecideRule = {
  name: "profile",
  decide: (object, context) => {
    const found = notRestored(object, context.all);
    if (!found || (found.rule === "child-of-controller" && ownedSecret(object, context))) return undefined;
    return { ...skip(found.reason), rule: found.rule };
  },
};

/** Says why an object is written although a controller owns it. */
export const ownedState: DecideRule = {
  name: "owned-state",
  decide: (object, context) => {
    const owner =
      ownedSecret(object, context) || context.ref.kind === "PersistentVolumeClaim"
        ? ownerInPoint(object, context)
        : undefined;
    return (
      owner &&
      create(
        `state of ${named(owner)}: its controller uses what it finds, and what it would make does not fit the data`,
      )
    );
  },
};

/** `default` exists in every namespace: what was added to it is merged in, nothing is lost. */
export const defaultServiceAccount: DecideRule = {
  name: "default-service-account",
  decide: (object, { ref }) => {
    if (ref.group !== "" || ref.kind !== "ServiceAccount" || ref.name !== "default") return undefined;
    const { annotations = {}, labels = {} } = object.metadata;
    const own =
      object.imagePullSecrets?.length ||
      object.secrets?.length ||
      Object.keys({ ...annotations, ...labels }).length > 0;
    if (!own) return skip("every namespace has one, and nothing was added to this one");
    return create("every namespace has one; its Secrets, labels and annotations are merged into it");
  },
};

const builtInGroups = new Set(["", "apps", "batch"]);

function ownedSecret(object: KubeObject, context: RuleContext): boolean {
  if (context.ref.group !== "" || context.ref.kind !== "Secret") return false;
  const owner = ownerInPoint(object, context);
  const slash = owner?.apiVersion.indexOf("/") ?? -1;
  return owner !== undefined && slash > 0 && !builtInGroups.has(owner.apiVersion.slice(0, slash));
}

function ownerInPoint(object: KubeObject, { all }: RuleContext): KubeObject | undefined {
  const controller = controllerOf(object);
  return controller && all.byUid(controller.uid);
}
