import { someOf } from "../base/some-of.ts";
import type { Finding } from "../base/finding.ts";
import { keptAt } from "../flow/kept.ts";
import { type ObjectRef, refKey } from "../flow/object.ts";
import { kinds } from "../profiles/kinds.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { textsOf } from "../flow/strings.ts";
import { type Decided, isWritten } from "./restore-decided.ts";
import { emptyDirRestoreFindings } from "./restore-empty-dirs.ts";
import { isUnread, kindKey, type TargetFacts } from "./restore-facts.ts";
import { uidRangeAnnotation } from "./restore-namespace.ts";
import type { RestoreComponent } from "./restore-options.ts";
import { conflictFindings } from "./restore-conflict-findings.ts";
import { gather } from "./preflight/check.ts";
import { preflightFindings } from "./preflight/index.ts";
import { oldHostFindings, transformFindings } from "./restore-transform-findings.ts";
import { unusedFindings } from "./restore-unused-findings.ts";
import { recurringRunFindings } from "./restore-rows-elsewhere.ts";
import { runFindings } from "./restore-run-findings.ts";
import { trainingFindings } from "./training/resume.ts";

export interface FindingsInput {
  readonly point: RecoveryPoint;
  readonly decided: readonly Decided[];
  readonly target: TargetFacts;
  readonly components: readonly RestoreComponent[];
}

/** What a person should know before the first write. A finding of severity "error" holds the restore back. */
export function restoreFindings(input: FindingsInput): Finding[] {
  return [
    ...missingKinds(input),
    ...missingStorageClasses(input),
    ...conflictFindings(input),
    ...transformFindings(input),
    ...oldHostFindings(input),
    ...unusedFindings(input),
    ...input.decided.flatMap((one) => one.problems ?? []),
    ...volumesWithoutData(input),
    ...missingRights(input),
    ...missingClusterObjects(input),
    ...namespaceFindings(input),
    ...orphanedChildren(input),
    ...mentionsOfOldNamespaces(input),
    ...runFindings(input.decided),
    ...recurringRunFindings(input.decided),
    ...trainingFindings(input),
    ...emptyDirRestoreFindings(input),
    ...preflightFindings(input),
  ];
}

function missingKinds({ decided }: FindingsInput): Finding[] {
  const byKind = new Map<string, Decided[]>();
  for (const one of decided.filter((each) => each.decision.rule === "kind-not-served")) {
    const kind = kindKey(one.ref.group, one.ref.kind);
    gather(byKind, kind, one);
  }
  return [...byKind].map(([kind, list]) => ({
    code: "KIND_NOT_SERVED",
    severity: "error" as const,
    subject: kind,
    message: `the target cluster does not know the kind of ${list.length} objects: ${someOf(list.map((one) => refKey(one.ref)))}`,
    advice: `install the operator that brings ${kind} (its definition alone comes along with includeClusterResources), or leave the kind out: excludeResourceSelector.gvkSelector`,
  }));
}

function missingStorageClasses({ decided, target }: FindingsInput): Finding[] {
  if (isUnread(target, "StorageClasses")) return [];
  const known = new Set(target.storageClasses.map((one) => one.name));
  const users = new Map<string, string[]>();
  for (const one of decided) {
    if (!isWritten(one) || !isClaim(one.ref)) continue;
    const { targetRef, planned } = one;
    const name: unknown = planned?.spec?.storageClassName;
    if (typeof name === "string" && name !== "" && !known.has(name)) gather(users, name, refKey(targetRef));
  }
  return [...users].map(([name, list]) => ({
    code: "STORAGE_CLASS_MISSING",
    severity: "error" as const,
    subject: `StorageClass ${name}`,
    message: `the target cluster has no StorageClass ${name}, which ${someOf(list)} ask for`,
    advice: `map it: restoreConfig.storageClassMap: {${name}: ${suggestion(target)}}; the target has ${[...known].join(", ") || "none"}`,
  }));
}

function isClaim({ group, kind }: ObjectRef): boolean {
  return [kinds.claim, kinds.bucketClaim].some((one) => one.group === group && one.kind === kind);
}

function suggestion(target: TargetFacts): string {
  return (target.storageClasses.find((one) => one.isDefault) ?? target.storageClasses[0])?.name ?? "<class>";
}

function volumesWithoutData({ decided, point }: FindingsInput): Finding[] {
  const ids = new Set(point.namespaces.flatMap((one) => one.volumes.map((volume) => volume.volume.id)));
  return decided
    .filter(
      (one) =>
        isWritten(one) &&
        !one.component.flags.onlyMetadata &&
        one.ref.group === "" &&
        one.ref.kind === "PersistentVolumeClaim" &&
        !ids.has(`${one.ref.namespace}/${one.ref.name}`),
    )
    .map(({ targetRef }) => ({
      code: "VOLUME_WITHOUT_DATA",
      severity: "warning" as const,
      subject: refKey(targetRef),
      message: "the point holds no data of this claim: it comes back empty",
      advice: "look at the findings of the backup (holdfast describe) for the reason",
    }));
}

/** Rights for kinds that are left out anyway do not matter. */
function missingRights({ target, decided, components }: FindingsInput): Finding[] {
  const written = new Set(
    decided.filter(isWritten).map((one) => `${one.targetRef.namespace}/${kindKey(one.ref.group, one.ref.kind)}`),
  );
  const own = new Set(components.map((one) => one.restoreNamespace));
  const missing = target.missingRights.filter(
    ({ namespace, kind }) => !namespace || !own.has(namespace) || written.has(`${namespace}/${kind}`),
  );
  if (missing.length === 0) return [];
  return [
    {
      code: "RIGHTS_MISSING",
      severity: "error",
      subject: "this restore",
      message: `the caller may not ${someOf(missing.map((one) => one.text))}`,
      advice: "bind ClusterRole holdfast-restore to the caller in the target namespaces, or leave the kinds out",
    },
  ];
}

function missingClusterObjects({ target, point }: FindingsInput): Finding[] {
  return target.missingClusterObjects.map((key) => ({
    code: "CLUSTER_OBJECT_MISSING",
    severity: "warning" as const,
    subject: key,
    message: "the application leans on this cluster-scoped object, and the target cluster lacks it",
    advice: `set includeClusterResources to have it made, or make it by hand from the point (restic dump ${point.clusterObjects.snapshot.slice(0, 8)} in ${point.clusterObjects.repository})`,
  }));
}

function namespaceFindings({ components, point, target }: FindingsInput): Finding[] {
  return components.flatMap(({ sourceNamespace, restoreNamespace, flags }): Finding[] => {
    const existing = target.namespaces.get(restoreNamespace);
    const source = point.namespaces.find((one) => one.name === sourceNamespace);
    if (existing?.phase === "Terminating") {
      return [
        {
          code: "NAMESPACE_TERMINATING",
          severity: "info",
          subject: restoreNamespace,
          message: "the namespace is being deleted: the restore waits until it is gone",
          advice: "",
        },
      ];
    }
    const key = `${uidRangeAnnotation}uid-range`;
    const [before, after] = [source?.annotations[key], existing?.annotations[key]];
    if (!before || !after || before === after || flags.useOCPNamespaceUIDRange) return [];
    return [
      {
        code: "UID_RANGE_DIFFERS",
        severity: "warning",
        subject: restoreNamespace,
        message: `files in the point belong to users of the range ${before}, the namespace has ${after}`,
        advice: "set useOCPNamespaceUIDRange, or give the pods an fsGroup",
      },
    ];
  });
}

/** A StatefulSet of a Notebook that lost its owner blocks the controller for ever: it neither adopts nor replaces it. */
function orphanedChildren({ decided, target }: FindingsInput): Finding[] {
  const left = decided.filter(
    (one) => one.decision.rule === "child-of-controller" && target.existing.has(refKey(one.targetRef)),
  );
  if (left.length === 0) return [];
  const written = new Map(
    decided.flatMap((one) => (isWritten(one) ? [[keptAt(one, "original")?.uid, one] as const] : [])),
  );
  // A workbench's controller goes by names: a StatefulSet that lost its owner is in its way too.
  const benches = new Map(
    decided.flatMap((one) =>
      one.ref.kind === kinds.notebook.kind ? [[`${one.ref.namespace}/${one.ref.name}`, one] as const] : [],
    ),
  );
  return left.flatMap((one): Finding[] => {
    if (!["StatefulSet", "Deployment", "Service"].includes(one.ref.kind)) return [];
    const owner = one.original.metadata.ownerReferences?.find((each) => written.has(each.uid));
    const root = owner ? written.get(owner.uid) : benches.get(`${one.ref.namespace}/${one.ref.name}`);
    if (!root) return [];
    const there = target.existing.get(refKey(root.targetRef));
    if (there && target.existing.get(refKey(one.targetRef))?.owners?.includes(there.uid)) return [];
    return [
      {
        code: "ORPHANED_CHILD",
        severity: "warning",
        subject: refKey(one.targetRef),
        message: `it was left over from another ${root.ref.kind} ${root.ref.name}; the controller may fail to make its own`,
        advice: `delete it: kubectl delete ${one.ref.kind.toLowerCase()} -n ${one.targetRef.namespace} ${one.ref.name}`,
      },
    ];
  });
}

/** After rewriting: texts that still name a namespace that is somewhere else now. */
function mentionsOfOldNamespaces({ decided, components }: FindingsInput): Finding[] {
  const moved = components
    .filter((one) => one.sourceNamespace !== one.restoreNamespace)
    .map((one) => one.sourceNamespace);
  if (moved.length === 0) return [];
  const naming = whoNames(decided, moved);
  return moved.flatMap((name) => {
    const list = naming.get(name) ?? [];
    if (list.length === 0) return [];
    return [
      {
        code: "OLD_NAMESPACE_NAMED",
        severity: "info" as const,
        subject: name,
        message: `${list.length} objects still name the old namespace: ${someOf(list.map((one) => refKey(one.targetRef)))}`,
        advice: "look whether they mean it; change them with a transform if not",
      },
    ];
  });
}

/** By name: what has it in one of its texts as a word. One look at each object, however many names. */
function whoNames(decided: readonly Decided[], names: readonly string[]): ReadonlyMap<string, readonly Decided[]> {
  const word = new RegExp(`(?<![A-Za-z0-9-])(?:${names.join("|")})(?![A-Za-z0-9-])`, "g");
  const naming = new Map<string, Decided[]>();
  for (const one of decided) {
    const { planned } = one;
    const found = new Set(planned ? textsOf(planned).flatMap((text) => text.match(word) ?? []) : []);
    for (const name of found) gather(naming, name, one);
  }
  return naming;
}
