/**
 * What starts by itself at the end of a restore, where a person asks for it (resume). Everything comes back switched off or held
 * back first; the last step switches on what was on, when all that was ready is ready again: so nothing starts on half the data.
 */
import { engineFacts } from "../flow/database-engine.ts";
import type { DatabasePlace, Release } from "../flow/restore-plan.ts";
import type { KubeObject } from "../flow/object.ts";
import { isKind } from "../profiles/kinds.ts";
import { queueLabel } from "../profiles/kueue.ts";
import { pipelineServer, scheduledWorkflow } from "../profiles/pipelines.ts";
import { endOf, heldValue, holdPatch, runKindOf } from "../profiles/runs.ts";
import { scheduleKindOf } from "../profiles/schedules.ts";
import { patchAt, valueAt } from "../profiles/stopping.ts";
import { isWritten, type StepsInput } from "./restore-decided.ts";
import { type Draft, draft } from "./restore-graph.ts";
import { ranks, stepIds } from "./restore-names.ts";
import type { RestoreComponent } from "./restore-options.ts";

/** The step that lets go what a component's `resume` names; none where it names nothing, or there is nothing. */
export function resumeDraft(
  component: RestoreComponent,
  { decided }: Pick<StepsInput, "decided">,
  before: readonly Draft[],
): Draft[] {
  const { resume = [] } = component;
  if (resume.length === 0) return [];
  const releases = decided.flatMap((one): readonly Release[] => {
    if (one.component !== component || !isWritten(one)) return [];
    const { original, planned, targetRef } = one;
    const release = planned && releaseOf(original, planned, resume);
    return release ? [{ ref: targetRef, ...release }] : [];
  });
  if (releases.length === 0) return [];
  const id = stepIds.resume(component.restoreNamespace);
  const why = `resume names ${resume.join(" and ")}: ${releases.length} of them were on in the point`;
  const ids = before.map((one) => one.step.id);
  const isReady = (one: string) => one.startsWith("ready:");
  const databases = releases.some((one) => one.row) ? databasesIn(before) : [];
  return [
    draft(
      {
        kind: "resume",
        id,
        needs: [],
        why,
        namespace: component.restoreNamespace,
        releases,
        ...(databases.length > 0 ? { databases } : {}),
      },
      ranks.resume,
      ids.filter(isReady),
      ids.filter((one) => !isReady(one)),
    ),
  ];
}

/** Those that this restore has waited for: their rows can be written. */
function databasesIn(before: readonly Draft[]): readonly DatabasePlace[] {
  return before.flatMap(({ step }) =>
    step.kind === "database" && engineFacts(step.record.engine)?.hold === "session"
      ? [{ record: step.record, namespace: step.namespace }]
      : [],
  );
}

function releaseOf(
  original: KubeObject,
  planned: KubeObject,
  resume: NonNullable<RestoreComponent["resume"]>,
): Omit<Release, "ref"> | undefined {
  if (resume.includes("Schedules")) {
    const release = serverRelease(original, planned) ?? scheduleRelease(original, planned);
    if (release) return release;
  }
  const run = resume.includes("Runs") ? runKindOf(original) : undefined;
  if (!run || endOf(original)) return undefined;
  const queue = original.metadata.labels?.[queueLabel];
  // Back in its queue, Kueue lets it go when there is room.
  if (queue && planned.metadata.labels?.[queueLabel] !== queue)
    return { patch: { metadata: { labels: { [queueLabel]: queue } } } };
  const [was, is] = [heldValue(original, run), heldValue(planned, run)];
  return is === run.value && was !== is ? { patch: holdPatch(run, was ?? null) } : undefined;
}

function scheduleRelease(original: KubeObject, planned: KubeObject): Omit<Release, "ref"> | undefined {
  const schedule = scheduleKindOf(original);
  if (!schedule) return undefined;
  const { off, value, last, catchUp } = schedule;
  const was = valueAt(original, off);
  if (was === value || valueAt(planned, off) !== value) return undefined;
  const on = patchAt(off, was ?? null);
  const catching = catchUp ? patchAt(catchUp, valueAt(original, catchUp) ?? null) : {};
  return {
    patch: { spec: { ...on.spec, ...catching.spec } },
    ...(last ? { clock: last } : {}),
    ...(isKind(original, scheduledWorkflow) ? { row: { noCatchup: original.spec?.noCatchup === true } } : {}),
  };
}

/** The part of a pipeline server that starts recurring runs (restore-rules/recurring-runs.ts). */
function serverRelease(original: KubeObject, planned: KubeObject): Omit<Release, "ref"> | undefined {
  if (!isKind(original, pipelineServer) || planned.spec?.scheduledWorkflow?.deploy !== false) return undefined;
  const was = original.spec?.scheduledWorkflow?.deploy;
  return was === false ? undefined : { patch: { spec: { scheduledWorkflow: { deploy: was ?? null } } } };
}
