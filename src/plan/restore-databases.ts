/**
 * Databases in the graph: each answers before those who ask it start, and its rows follow what has another name or id in the
 * target before anybody reads them.
 */
import { engines } from "../flow/database-engine.ts";
import { controllerOf, type KubeObject, type ObjectRef, refKey, refOf } from "../flow/object.ts";
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { isKind, kinds } from "../profiles/kinds.ts";
import type { ObjectSet } from "../profiles/object-set.ts";
import { isPipelinePart, pipelineServer, scheduledWorkflow } from "../profiles/pipelines.ts";
import type { BucketDraft } from "./restore-buckets.ts";
import { isWritten, type StepsInput } from "./restore-decided.ts";
import { type Draft, draft, type Written } from "./restore-graph.ts";
import { namespaceOf, ranks, stepIds } from "./restore-names.ts";
import { leansOn, namesHost, servicesOf } from "./restore-needs.ts";

type DatabaseStep = Extract<RestoreStep, { kind: "database" }>;

export interface DatabaseDraft {
  readonly record: DatabaseRecord;
  readonly draft: Draft;
}

export function databaseDrafts(
  input: StepsInput,
  byRef: ReadonlyMap<string, Draft>,
  buckets: readonly BucketDraft[],
): DatabaseDraft[] {
  return input.point.databases.flatMap((record) => databaseDraft(record, input, byRef, buckets));
}

function databaseDraft(
  record: DatabaseRecord,
  input: StepsInput,
  byRef: ReadonlyMap<string, Draft>,
  buckets: readonly BucketDraft[],
): DatabaseDraft[] {
  const component = input.components.find((one) => one.sourceNamespace === record.namespace);
  if (record.engine === "sqlite") return []; // a file: it is whole as soon as its volume is
  if (!component || component.flags.onlyMetadata || component.flags.onlyData) return [];
  if (component.namePrefix) return []; // its pod gets another name, and no bucket changes: who asks it tries again by itself
  const namespace = component.restoreNamespace;
  const workload = workloadOf(record, input.all, byRef);
  const volumes = record.volumes.map((id) => stepIds.volume(namespace, id.slice(id.indexOf("/") + 1)));
  const hasVolume = [...byRef.values()].some((one) => volumes.includes(one.step.id));
  const changing = buckets.filter((one) => one.mayChange).map((one) => one.draft.step.id);
  if (!workload && !hasVolume && changing.length === 0) return [];
  if (workload) workload.rank = ranks.databaseWorkload;
  const passive = [...byRef.values()].filter(
    (one) => one.rank <= ranks.rewritten && namespaceOf(one.step) === namespace,
  );
  const needs = [...(workload ? [workload.step.id] : []), ...volumes, ...changing];
  const rows = rowsOf(record, input);
  const changed = [
    ...(changing.length > 0 ? ["the new bucket"] : []),
    ...(rows.namespaces ? ["the new namespaces"] : []),
    ...(rows.recurringRuns ? ["the new ids of recurring runs"] : []),
  ];
  const id = stepIds.database(record.id);
  const why =
    changed.length > 0 ? `answers, and its rows name ${changed.join(", ")}` : "answers before those who ask it start";
  const releases = changed.length > 0 && workload ? holdServer(workload, id) : undefined;
  const step: DatabaseStep = {
    kind: "database",
    id,
    needs: [],
    why,
    record,
    namespace,
    ...rows,
    ...(releases ? { releases } : {}),
  };
  // Recurring runs have their new ids before anybody asks the rows.
  const runs = (rows.recurringRuns ?? []).map(({ ref }) => stepIds.object(ref));
  return [{ record, draft: draft(step, ranks.database, needs, [...passive.map((one) => one.step.id), ...runs]) }];
}

/** What else its rows name by ids and names that the target gives anew. */
function rowsOf(
  { engine }: DatabaseRecord,
  { components, decided }: StepsInput,
): Pick<DatabaseStep, "recurringRuns" | "namespaces"> {
  if (engines[engine]?.hold !== "session") return {};
  const namespaces = components
    .filter((one) => one.sourceNamespace !== one.restoreNamespace)
    .map((one) => ({ from: one.sourceNamespace, to: one.restoreNamespace }));
  const recurringRuns = decided
    .filter((one) => isRecurringRun(one.ref) && (isWritten(one) || one.decision.rule === "already-exists"))
    .map(({ original, planned, targetRef }) => ({
      ref: targetRef,
      was: original.metadata.uid ?? "",
      enabled: planned?.spec?.enabled !== false,
    }));
  return {
    ...(recurringRuns.length > 0 ? { recurringRuns } : {}),
    ...(namespaces.length > 0 ? { namespaces } : {}),
  };
}

export function isRecurringRun({ group, kind }: ObjectRef): boolean {
  return group === scheduledWorkflow.group && kind === scheduledWorkflow.kind;
}

/** What reads the rows of a pipeline server's database, and writes them over objects as soon as it starts. */
const readers = ["apiServer", "persistenceAgent", "scheduledWorkflow"];

/** A pipeline server runs its database and those who read it: they wait until the rows are as they should be. */
function holdServer({ step }: Draft, database: string): DatabaseStep["releases"] {
  if (step.kind !== "object" || !isKind(step.object, pipelineServer)) return undefined;
  const { spec } = step.object;
  const patchOf = (deploy: (part: string) => unknown) => ({
    spec: Object.fromEntries(readers.map((part) => [part, { deploy: deploy(part) }])),
  });
  Object.assign(step, { hold: patchOf(() => false), heldFor: database });
  return [{ ref: refOf(step.object), patch: patchOf((part) => spec?.[part]?.deploy ?? null) }];
}

/** What is written of the chain of owners of the database's pod. */
function workloadOf(record: DatabaseRecord, all: ObjectSet, byRef: ReadonlyMap<string, Draft>): Draft | undefined {
  let object = all.get({ group: "", kind: "Pod", namespace: record.namespace, name: record.pod });
  for (let depth = 0; object && depth < 8; depth++) {
    const found = byRef.get(refKey(refOf(object)));
    if (found) return found;
    const owner = controllerOf(object);
    object = owner && all.byUid(owner.uid);
  }
  return undefined;
}

/** Whoever names a Service of the database waits for it, and so do the parts of a pipeline server for rows that change. */
export function needDatabase(
  { record, draft: database }: DatabaseDraft,
  written: readonly Written[],
  { all }: StepsInput,
): void {
  const services = servicesOf(record, all);
  const keys = new Set(services.map((one) => refKey(refOf(one))));
  const { step } = database;
  const hasRuns = step.kind === "database" && step.recurringRuns !== undefined;
  for (const { one, draft: own } of written) {
    if (own.rank !== ranks.active || own.step.kind !== "object") continue;
    const { original } = one;
    const leans = leansOn(original, all);
    const asks =
      leans.some((ref) => keys.has(refKey(ref))) ||
      namesHost(original, services) ||
      leans.some((ref) => ref.kind === kinds.configMap.kind && namesHost(all.get(ref) ?? nothing, services));
    if (asks || (hasRuns && isPipelinePart(original))) own.soft.add(database.step.id);
  }
}

const nothing: KubeObject = { apiVersion: "v1", kind: "", metadata: { name: "" } };
