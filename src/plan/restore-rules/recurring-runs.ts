import type { KubeObject } from "../../flow/object.ts";
import { isKind } from "../../profiles/kinds.ts";
import type { ObjectSet } from "../../profiles/object-set.ts";
import { pipelineServer, scheduledWorkflow } from "../../profiles/pipelines.ts";
import type { ChangeRule } from "./rule.ts";

/**
 * When a pipeline server starts, it writes the recurring runs of its database over their objects: one that came back
 * disabled would be enabled again. So the part of the server that starts recurring runs stays off where there are any.
 */
export const recurringRuns: ChangeRule = {
  name: "recurring-runs",
  change: (object, { all, ref }) => {
    if (!holdsRecurringRuns(object, all, ref.namespace)) return undefined;
    object.spec ??= {};
    object.spec.scheduledWorkflow = { ...object.spec.scheduledWorkflow, deploy: false };
    return "its starter of recurring runs stays off: nothing runs again by itself";
  },
};

/** A pipeline server whose recurring runs are on, in the point. */
export function holdsRecurringRuns(object: KubeObject, all: ObjectSet, namespace: string | undefined): boolean {
  if (!isKind(object, pipelineServer) || object.spec?.scheduledWorkflow?.deploy === false) return false;
  return all
    .ofKind(scheduledWorkflow.group, scheduledWorkflow.kind, namespace)
    .some((one) => one.spec?.enabled !== false);
}
