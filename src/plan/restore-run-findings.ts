/** What does not run by itself after a restore, with the command that lets it run (DESIGN.md D9). */
import type { Finding } from "../base/finding.ts";
import { type ObjectRef, refKey } from "../flow/object.ts";
import { cronWorkflow } from "../profiles/argo.ts";
import { isKind, kinds } from "../profiles/kinds.ts";
import { pipelineServer, scheduledWorkflow } from "../profiles/pipelines.ts";
import { type Decided, isWritten } from "./restore-decided.ts";

export function runFindings(decided: readonly Decided[]): Finding[] {
  return [...decided.flatMap(heldBack), ...decided.filter(isLeftOut).map(leftOut)];
}

const heldKinds = new Set([scheduledWorkflow, pipelineServer, kinds.cronJob, cronWorkflow].map((one) => one.kind));

function heldBack(one: Decided): Finding[] {
  if (!isWritten(one) || !heldKinds.has(one.ref.kind)) return [];
  const { original, planned, targetRef } = one;
  if (!planned) return [];
  if (isKind(planned, scheduledWorkflow) && original.spec?.enabled !== false && planned.spec?.enabled === false) {
    return [
      disabled(
        targetRef,
        "the recurring run comes back disabled; runs that were missed are not made up for",
        `${patch("scheduledworkflow", targetRef, '{"spec":{"enabled":true}}')}; the pipeline server knows it by its old uid: where the server does not take it up, create the recurring run again there`,
      ),
    ];
  }
  if (isKind(planned, pipelineServer) && startsRuns(original.spec) && !startsRuns(planned.spec)) {
    return [
      disabled(
        targetRef,
        "its starter of recurring runs stays off: the server would enable them again by its database",
        `disable what shall not run in the dashboard, then ${patch("dspa", targetRef, '{"spec":{"scheduledWorkflow":{"deploy":true}}}')}`,
      ),
    ];
  }
  const kind = [kinds.cronJob, cronWorkflow].find((one) => isKind(planned, one));
  if (!kind || original.spec?.suspend === true || planned.spec?.suspend !== true) return [];
  return [
    disabled(
      targetRef,
      "the schedule comes back suspended",
      patch(kind.kind.toLowerCase(), targetRef, '{"spec":{"suspend":false}}'),
    ),
  ];
}

function startsRuns(spec: any): boolean {
  return spec?.scheduledWorkflow?.deploy !== false;
}

function disabled(ref: ObjectRef, message: string, advice: string): Finding {
  return { code: "RECURRING_RUN_DISABLED", severity: "info", subject: refKey(ref), message, advice };
}

function patch(resource: string, { namespace, name }: ObjectRef, change: string): string {
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
