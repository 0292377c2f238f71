/** What a person should know of things that exist in the target already, before the first write. */
import { someOf } from "../base/some-of.ts";
import type { Finding } from "../base/finding.ts";
import { refKey } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { type Decided, isWritten } from "./restore-decided.ts";
import { kindKey, type TargetFacts } from "./restore-facts.ts";
import { isReplacedInPlace } from "./restore-in-place.ts";
import { modeOf, type RestoreComponent } from "./restore-options.ts";

interface Input {
  readonly point: RecoveryPoint;
  readonly decided: readonly Decided[];
  readonly target: TargetFacts;
  readonly components: readonly RestoreComponent[];
}

export function conflictFindings(input: Input): Finding[] {
  return [...existingVolumes(input), ...existingObjects(input), ...takenAlong(input), ...besideOriginals(input)];
}

function existingVolumes({ decided, target, point }: Input): Finding[] {
  const withData = new Set(point.namespaces.flatMap((one) => one.volumes.map((volume) => volume.volume.id)));
  return decided.flatMap((one): Finding[] => {
    if (one.ref.group !== "" || one.ref.kind !== "PersistentVolumeClaim") return [];
    if (isReplacedInPlace(one, target)) return [replacedVolume(one)];
    const existing = target.existing.get(refKey(one.targetRef));
    if (existing?.replacing) return [halfVolume(one)];
    if (one.decision.rule === "existing-volume" && one.decision.action === "skip") return [keptVolume(one)];
    // One without data in the point is an object like others: an equal one stays.
    const hasData = withData.has(`${one.ref.namespace}/${one.ref.name}`) && !one.component.flags.onlyMetadata;
    return isWritten(one) && existing && !existing.handover && hasData ? [blockingVolume(one)] : [];
  });
}

function replacedVolume({ targetRef }: Decided): Finding {
  return {
    code: "VOLUME_REPLACED",
    severity: "warning",
    subject: refKey(targetRef),
    message:
      "the claim exists, and its content is replaced by that of the point: files that are not in the point go; what mounts it is stopped meanwhile",
    advice: "back up first if what is in it now may be needed; onVolumeConflict: keep leaves it as it is",
  };
}

function halfVolume({ targetRef }: Decided): Finding {
  return {
    code: "VOLUME_HALF_REPLACED",
    severity: "error",
    subject: refKey(targetRef),
    message:
      "an earlier restore began to replace its content and did not end: what is in it is neither the old nor the new",
    advice: "set onVolumeConflict: replace, or delete the claim",
  };
}

function keptVolume({ targetRef, ref }: Decided): Finding {
  return {
    code: "VOLUME_EXISTS",
    severity: "info",
    subject: refKey(targetRef),
    message: "the claim exists in the target: its data is left as it is",
    advice: `set onVolumeConflict: replace to have the content of the point in it, or delete it (kubectl delete pvc -n ${targetRef.namespace} ${ref.name})`,
  };
}

function blockingVolume({ targetRef, ref }: Decided): Finding {
  return {
    code: "VOLUME_IN_THE_WAY",
    severity: "error",
    subject: refKey(targetRef),
    message: "the claim exists in the target, and nothing says what becomes of its content",
    advice: `set onVolumeConflict: keep or replace, set skipIfAlreadyExists to leave it, exclude PersistentVolumeClaim ${ref.name}, or delete it (kubectl delete pvc -n ${targetRef.namespace} ${ref.name})`,
  };
}

/** Mode "fail": equal ones stay. */
function existingObjects({ decided, target, components }: Input): Finding[] {
  return components.flatMap((component) => {
    const there = decided.filter(
      (one) =>
        one.component === component &&
        isWritten(one) &&
        target.existing.has(refKey(one.targetRef)) &&
        one.ref.kind !== "PersistentVolumeClaim" &&
        one.decision.rule !== "default-service-account" &&
        one.decision.rule !== "stale-connection" &&
        modeOf(() => one.original, component) === "fail",
    );
    if (there.length === 0) return [];
    return [
      {
        code: "OBJECTS_EXIST",
        severity: "warning" as const,
        subject: component.restoreNamespace,
        message: `${there.length} objects exist in the target: equal ones stay, different ones fail: ${someOf(there.map((one) => refKey(one.targetRef)))}`,
        advice:
          "set skipIfAlreadyExists to leave them, patchIfAlreadyExists to set back what the point had, or onConflict to replace or recreate some",
      },
    ];
  });
}

/** Deleting an object deletes what it owns. What no controller makes again would be lost with it. */
function takenAlong({ decided, target }: Input): Finding[] {
  const recreated = new Map<string, Decided>();
  for (const one of decided) {
    const uid = target.existing.get(refKey(one.targetRef))?.uid;
    if (uid && isWritten(one) && modeOf(() => one.original, one.component) === "recreate") recreated.set(uid, one);
  }
  if (recreated.size === 0) return [];
  return decided.flatMap((one): Finding[] => {
    if (one.decision.rule === "child-of-controller") return [];
    const owners = target.existing.get(refKey(one.targetRef))?.owners ?? [];
    const owner = recreated.get(owners.find((uid) => recreated.has(uid)) ?? "");
    if (!owner) return [];
    return [
      {
        code: "RECREATE_TAKES_ALONG",
        severity: "error",
        subject: refKey(owner.targetRef),
        message: `recreating it deletes ${refKey(one.targetRef)}, which it owns and no controller makes again`,
        advice: `use replace for ${owner.ref.kind} ${owner.ref.name}, or take its name out of the owners of ${one.ref.kind} ${one.ref.name}`,
      },
    ];
  });
}

/** Two applications with the same labels in one namespace: Services and controllers choose pods of both. */
function besideOriginals({ decided, target, components }: Input): Finding[] {
  const choosing = new Set(["Service", "Deployment.apps", "StatefulSet.apps", "DaemonSet.apps"]);
  return components.flatMap((component) => {
    if (!component.namePrefix) return [];
    const there = decided.filter(
      (one) =>
        one.component === component &&
        isWritten(one) &&
        choosing.has(kindKey(one.ref.group, one.ref.kind)) &&
        one.ref.name !== one.targetRef.name &&
        target.existing.has(refKey({ ...one.targetRef, name: one.ref.name })),
    );
    if (there.length === 0) return [];
    return [
      {
        code: "LABELS_SHARED",
        severity: "warning" as const,
        subject: component.restoreNamespace,
        message: `originals of ${there.length} objects are there too; names differ, labels do not, so Services choose pods of both: ${someOf(there.map((one) => refKey(one.targetRef)))}`,
        advice: "restore into a namespace of its own (restoreNamespace), or change labels and selectors by a transform",
      },
    ];
  });
}
