import { type ObjectRef, refKey } from "../../flow/object.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import { kindKey } from "../restore-facts.ts";
import { modeOf, type RestoreComponent } from "../restore-options.ts";
import type { DecideRule } from "./rule.ts";
import { create, skip } from "./rule.ts";

/** Nothing can be written of a kind that the target does not serve; a finding says so before the first write. */
export const kindNotServed: DecideRule = {
  name: "kind-not-served",
  decide: (_object, { ref, target }) =>
    target.kinds.has(kindKey(ref.group, ref.kind))
      ? undefined
      : skip(`the target cluster does not serve ${kindKey(ref.group, ref.kind)}`),
};

/**
 * A claim that exists keeps its data unless the person says that its content is replaced. Claims that an earlier try of a
 * restore was handing a volume to are finished.
 */
export const existingClaim: DecideRule = {
  name: "existing-volume",
  decide: (object, { ref, targetRef, target, component, point }) => {
    if (ref.group !== "" || ref.kind !== "PersistentVolumeClaim") return undefined;
    const existing = target.existing.get(refKey(targetRef));
    if (!existing) return undefined;
    if (existing.handover) return create("an earlier try began to hand its volume over; this one finishes it");
    if (isReplacedInPlace(ref, component, point))
      return create("exists in the target; its content is replaced where it is, since onVolumeConflict says so");
    if (component.onVolumeConflict === "keep" || modeOf(object, component) !== "fail")
      return skip("exists in the target; its data is left as it is");
    if (existing.restoredFrom === point.id)
      return skip("was restored from this point before; its data is left as it is");
    return undefined;
  },
};

/** Will the content of this claim, where it exists, be that of the point? Only where the point has its data. */
function isReplacedInPlace(
  ref: ObjectRef,
  { onVolumeConflict, flags }: RestoreComponent,
  point: RecoveryPoint,
): boolean {
  const home = point.namespaces.find((one) => one.name === ref.namespace);
  const hasData = home?.volumes.some((one) => one.volume.claim === ref.name) ?? false;
  return onVolumeConflict === "replace" && !flags.onlyMetadata && hasData;
}

/** A bucket claim that exists keeps its bucket; only objects that miss or differ are put into it. */
export const existingBucketClaim: DecideRule = {
  name: "existing-bucket",
  decide: (_object, { ref, targetRef, target }) =>
    ref.group === "objectbucket.io" && ref.kind === "ObjectBucketClaim" && target.existing.has(refKey(targetRef))
      ? skip("exists in the target with its bucket; missing and different objects are put into it")
      : undefined,
};

export const alreadyExists: DecideRule = {
  name: "already-exists",
  decide: (object, { targetRef, target, component }) =>
    modeOf(object, component) === "skip" && target.existing.has(refKey(targetRef))
      ? skip("exists in the target, and its mode is skip (skipIfAlreadyExists)")
      : undefined,
};

/** What no rule keeps away belongs to the application. */
export const ofTheApplication: DecideRule = {
  name: "application",
  decide: () => create("part of the application; no controller makes it"),
};
