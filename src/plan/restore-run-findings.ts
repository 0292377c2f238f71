/** What does not run by itself after a restore, with the command that lets it run (DESIGN.md D9). */
import type { Finding } from "../base/finding.ts";
import { someOf } from "../base/some-of.ts";
import { type ObjectRef, refKey } from "../flow/object.ts";
import { isKind } from "../profiles/kinds.ts";
import { pipelineServer, scheduledWorkflow } from "../profiles/pipelines.ts";
import { endOf, heldValue, holdPatch, isRunKind, runKindOf } from "../profiles/runs.ts";
import { isScheduleKind, scheduleKindOf } from "../profiles/schedules.ts";
import { patchAt, valueAt } from "../profiles/stopping.ts";
import { type Decided, isWritten } from "./restore-decided.ts";

export function runFindings(decided: readonly Decided[]): Finding[] {
  return [...decided.flatMap(heldBack), ...suspendedRuns(decided), ...decided.filter(isLeftOut).map(leftOut)];
}

function heldBack(one: Decided): Finding[] {
  if (!isWritten(one) || !mayBeHeld(one.ref)) return [];
  const { original, planned, targetRef } = one;
  if (!planned) return [];
  const resumed = one.component.resume?.includes("Schedules") ?? false;
  if (isKind(planned, pipelineServer)) {
    return startsRuns(original.spec) && !startsRuns(planned.spec) ? [ofServer(targetRef, resumed)] : [];
  }
  const schedule = scheduleKindOf(planned);
  if (!schedule || valueAt(original, schedule.off) === schedule.value) return [];
  if (valueAt(planned, schedule.off) !== schedule.value) return []; // a person's transform
  const on = JSON.stringify(patchAt(schedule.off, !schedule.value));
  const message = "was on, and comes back switched off; what it misses is not made up for";
  const command = patch(targetRef, on);
  // The row that the server writes over it when it starts says the same: see restore/pipeline-rows.ts.
  const how = isKind(planned, scheduledWorkflow)
    ? `enable it in the dashboard of its pipeline server, or, until that starts anew, ${command}`
    : command;
  return [disabled(targetRef, message, how, resumed)];
}

function mayBeHeld({ group, kind }: ObjectRef): boolean {
  return isScheduleKind({ group, kind }) || (kind === pipelineServer.kind && group === pipelineServer.group);
}

function ofServer(ref: ObjectRef, resumed: boolean): Finding {
  return disabled(
    ref,
    "its starter of recurring runs stays off: the server would enable them again by its database",
    `disable what shall not run in the dashboard, then ${patch(ref, '{"spec":{"scheduledWorkflow":{"deploy":true}}}')}`,
    resumed,
  );
}

/** One line for each kind and namespace: there may be hundreds. */
function suspendedRuns(decided: readonly Decided[]): Finding[] {
  const held = decided.filter(isHeldRun);
  return [...Map.groupBy(held, ({ targetRef: ref }) => `${ref.namespace} ${ref.kind}.${ref.group}`).values()].map(
    (runs) => {
      const [first] = runs;
      const { targetRef, planned } = first!;
      const run = runKindOf(planned!)!;
      const on = JSON.stringify(holdPatch(run, run.hold.at(-1) === "suspend" ? false : null));
      const resumed = first!.component.resume?.includes("Runs");
      const shown = someOf(runs.map((one) => one.targetRef.name));
      return {
        code: "RUN_SUSPENDED",
        severity: "info",
        subject: `${targetRef.namespace} ${targetRef.kind}`,
        message: `${shown}: under way in the point, and suspended until ${resumed ? "all is ready: then let go, as resume asks" : "a person lets it go"}`,
        advice: resumed
          ? "nothing has to be done"
          : `${patch(targetRef, on)}, or restore with resume: [Runs]${runs.some(isOfSchedule) ? placeOfSchedule : ""}`,
      } as const;
    },
  );
}

const placeOfSchedule =
  "; a schedule that allows one run at a time starts no other until this one is let go or deleted";

function isOfSchedule({ original }: Decided): boolean {
  return (original.metadata.ownerReferences ?? []).some((owner) => owner.kind === scheduledWorkflow.kind);
}

function isHeldRun(one: Decided): boolean {
  if (!isWritten(one) || !isRunKind(one.ref)) return false;
  const { original, planned } = one;
  const run = planned && runKindOf(planned);
  if (!run || endOf(original) || heldValue(original, run) === run.value) return false;
  return heldValue(planned, run) === run.value;
}

function startsRuns(spec: any): boolean {
  return spec?.scheduledWorkflow?.deploy !== false;
}

function disabled(ref: ObjectRef, message: string, command: string, resumed: boolean): Finding {
  return {
    code: "RECURRING_RUN_DISABLED",
    severity: "info",
    subject: refKey(ref),
    message: resumed ? `${message}; it is switched on again when all is ready, as resume asks` : message,
    advice: resumed ? "nothing has to be done" : `${command}, or restore with resume: [Schedules]`,
  };
}

function patch({ group, kind, namespace, name }: ObjectRef, change: string): string {
  const resource = `${kind.toLowerCase()}${group ? `.${group}` : ""}`;
  return `kubectl patch ${resource} -n ${namespace} ${name} --type merge -p '${change}'`;
}

function isLeftOut({ decision }: Decided): boolean {
  return decision.rule === "unfinished-run";
}

function leftOut({ targetRef, decision }: Decided): Finding {
  return {
    code: "UNFINISHED_RUN_LEFT_OUT",
    severity: "warning",
    subject: refKey(targetRef),
    message: `it was under way and is not written: ${decision.reason}`,
    advice: "create it again from its manifest, which the point holds, when it shall run",
  };
}
