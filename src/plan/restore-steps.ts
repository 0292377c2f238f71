/**
 * Decisions -> steps with needs. Everything starts as a draft of its own; then needs are collected: references to what
 * is written, data before those who use it, a database before those who ask it. `linkSteps` makes the graph of it.
 */
import { keptAt, traitsOf, withObject } from "../flow/kept.ts";
import { type KubeObject, refKey, refOf } from "../flow/object.ts";
import type { ExistingMode, RestoreStep } from "../flow/restore-plan.ts";
import { orderHints } from "../profiles/index.ts";
import { isRunKind } from "../profiles/runs.ts";
import { type BucketDraft, bucketDrafts, bucketsNamedBy } from "./restore-buckets.ts";
import { linkCluster } from "./restore-cluster.ts";
import type { Decided, StepsInput } from "./restore-decided.ts";
import { databaseDrafts, isRecurringRun, needDatabase } from "./restore-databases.ts";
import { emptyDirDrafts } from "./restore-empty-dirs.ts";
import { kindKey } from "./restore-facts.ts";
import { type Draft, draft, linkSteps, type Written } from "./restore-graph.ts";
import { inPlaceDrafts, isReplacedInPlace } from "./restore-in-place.ts";
import { namespaceOf, rankOfClusterKind, rankOfKind, ranks, stepIds } from "./restore-names.ts";
import { namespaceDraft, uidRangeAnnotation } from "./restore-namespace.ts";
import { leansOn } from "./restore-needs.ts";
import { modeOf } from "./restore-options.ts";
import { readyDraft } from "./restore-ready.ts";
import { resumeDraft } from "./restore-resume.ts";
import { holdOf } from "./restore-rules/finished.ts";
import { uidOfThisRestore } from "./restore-rules/owners.ts";
import { withEdits } from "./training/edits.ts";

export function buildSteps(input: StepsInput): RestoreStep[] {
  const namespaces = input.components.map((component) => namespaceDraft(input.point, component));
  const buckets = bucketDrafts(input);
  const written = input.decided.flatMap((one) => writtenBy(one, input, buckets));
  const byRef = new Map(written.map((each) => [refKey(each.one.ref), each.draft]));
  const databases = databaseDrafts(input, byRef, buckets);

  for (const each of written) collectNeeds(each, input, byRef, buckets);
  for (const database of databases) needDatabase(database, written, input);
  addOrderHints(written);
  holdBackAdmission(written);
  linkCluster(written, namespaces, input.components);
  const work = [
    ...new Set([...buckets.map((one) => one.draft), ...written.map((one) => one.draft)]),
    ...databases.map((one) => one.draft),
    ...emptyDirDrafts(input),
  ];
  for (const one of work) {
    const name = namespaceOf(one.step);
    if (name) one.soft.add(stepIds.namespace(name));
  }
  const stops = input.components.flatMap((component) => inPlaceDrafts(component, work, namespaceOf));
  const ready = input.components.flatMap((component) =>
    readyDraft(component, input.decided, input.all, [...stops, ...work], namespaceOf),
  );
  const before = [...stops, ...work, ...ready];
  const resumes = input.components.flatMap((component) => resumeDraft(component, input, before));
  return linkSteps([...namespaces, ...before, ...resumes]);
}

function existingMode(one: Decided): ExistingMode {
  const { decision, component, ref } = one;
  const merged = decision.rule === "default-service-account" || decision.rule === "stale-connection";
  const mode = modeOf(() => one.original, component);
  // Accounts are united: what a person added to one here or there is in the way of nobody.
  const isAccount = ref.kind === "ServiceAccount" && ref.group === "";
  return merged || (isAccount && mode === "fail") ? "patch" : mode;
}

function writtenBy(one: Decided, input: StepsInput, buckets: readonly BucketDraft[]): Written[] {
  const kept = keptAt(one, "planned");
  if (!kept) return [];
  const kind = kindKey(one.ref.group, one.ref.kind);
  const bucket = buckets.find((each) => each.claim === one);
  if (bucket) return [{ one, draft: bucket.draft }];
  const existing = existingMode(one);
  const record = input.point.namespaces
    .find((namespace) => namespace.name === one.ref.namespace)
    ?.volumes.find(({ volume }) => volume.claim === one.ref.name && !volume.emptyDir);
  if (kind === "PersistentVolumeClaim" && record && !one.component.flags.onlyMetadata) {
    const namespace = one.component.restoreNamespace;
    const id = stepIds.volume(namespace, one.ref.name);
    const why = `${record.files} files from ${record.method === "live" ? "the live copy" : "the snapshot"} of ${record.cutAt}`;
    return [
      {
        one,
        draft: draft(
          {
            kind: "volume",
            id,
            needs: [],
            why,
            record,
            namespace,
            claim: kept.object,
            existing,
            ...givenTo(one, input),
            ...withEdits(record.contents, one.component),
            ...(isReplacedInPlace(one, input.target) ? { inPlace: true } : {}),
          },
          ranks.data,
        ),
      },
    ];
  }
  const rewrite = buckets.length > 0 && bucketsNamedBy(one.original, buckets).some((each) => each.mayChange);
  const rank = one.ref.namespace ? rankOfKind(kind) : rankOfClusterKind(kind);
  const step = {
    kind: "object" as const,
    id: stepIds.object(one.targetRef),
    needs: [],
    why: one.decision.reason,
    existing,
    rewrite,
    ...(isRunKind(one.ref) ? withHold(kept.object) : {}),
  };
  const writes = withObject(step, "object", kept);
  const base = existing === "patch" ? keptAt(one, "base") : undefined;
  const whole: RestoreStep = base ? withObject(writes, "base", base) : writes;
  return [
    {
      one,
      draft: draft(whole, isRecurringRun(one.ref) || (rewrite && rank === ranks.passive) ? ranks.rewritten : rank),
    },
  ];
}

/** OpenShift: with useOCPNamespaceUIDRange files follow from the uid range of the point to the one of the target. */
function givenTo({ component, ref }: Decided, { point }: StepsInput): { uidRange?: string } {
  if (!component.flags.useOCPNamespaceUIDRange) return {};
  const { annotations = {} } = point.namespaces.find((one) => one.name === ref.namespace) ?? {};
  const uidRange = annotations[`${uidRangeAnnotation}uid-range`];
  return uidRange ? { uidRange } : {};
}

function withHold(planned: KubeObject): { hold?: Record<string, unknown> } {
  const hold = holdOf(planned);
  return hold ? { hold } : {};
}

function collectNeeds(
  { one, draft: own }: Written,
  input: StepsInput,
  byRef: ReadonlyMap<string, Draft>,
  buckets: readonly BucketDraft[],
): void {
  const isOwned = traitsOf(keptAt(one, "original")!).isOwned;
  for (const owner of (isOwned && one.original.metadata.ownerReferences) || []) {
    const object = input.all.byUid(owner.uid);
    const target = object && byRef.get(refKeyOf(object));
    const name = target && nameIn(target.step);
    const linked = one.planned?.metadata.ownerReferences?.some(
      (each) => each.name === name && each.uid === uidOfThisRestore,
    );
    if (!target || !linked) continue;
    own.hard.add(target.step.id);
    own.rank = Math.max(own.rank, target.rank);
  }
  if (own.step.kind === "object" && buckets.length > 0) {
    for (const bucket of bucketsNamedBy(one.original, buckets)) own.soft.add(bucket.draft.step.id);
  }
  if (own.rank < ranks.databaseWorkload) return;
  for (const ref of leansOn(one.original, input.all)) {
    const target = byRef.get(refKey(ref));
    if (target) own.soft.add(target.step.id);
    const object = buckets.length > 0 ? input.all.get(ref) : undefined;
    for (const bucket of object ? bucketsNamedBy(object, buckets) : []) own.soft.add(bucket.draft.step.id);
  }
}

/** What the object of a step is called in the target. */
function nameIn(step: RestoreStep): string | undefined {
  if (step.kind === "object") return step.object.metadata.name;
  return step.kind === "volume" || step.kind === "bucket" ? step.claim?.metadata.name : undefined;
}

/** More edges than this say nothing that references do not say: whoever needs an object waits for it anyway. */
const mostHintedEdges = 50_000;

function addOrderHints(written: readonly Written[]): void {
  const byKind = Map.groupBy(written, ({ one }) => kindKey(one.ref.group, one.ref.kind));
  for (const hint of orderHints) {
    const later = byKind.get(kindKey(hint.kind.group, hint.kind.kind)) ?? [];
    const before = hint.after.flatMap((kind) => byKind.get(kindKey(kind.group, kind.kind)) ?? []);
    if (later.length * before.length > mostHintedEdges) continue;
    for (const { draft: own } of later) for (const other of before) own.after.add(other.draft.step.id);
  }
}

/**
 * Quotas, limits and policies would refuse or change what is still to come: objects, and the pods that controllers make of
 * them. What was there before a quota was set stayed there; so it is to be there again.
 */
function holdBackAdmission(written: readonly Written[]): void {
  const byNamespace = Map.groupBy(written, (one) => namespaceOf(one.draft.step));
  for (const [namespace, own] of byNamespace) {
    const [first, ...others] = own.filter((one) => one.draft.rank === ranks.admission).map((one) => one.draft);
    if (!first) continue;
    for (const { draft: other } of own) if (other.rank < ranks.admission) first.after.add(other.step.id);
    if (namespace) first.after.add(stepIds.ready(namespace));
    // They wait for the one that waits for all: a list as long as the namespace for each of them would be too much.
    for (const other of others) other.after.add(first.step.id);
  }
}

function refKeyOf(object: KubeObject): string {
  return refKey(refOf(object));
}
