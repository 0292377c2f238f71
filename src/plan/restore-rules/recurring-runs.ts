import type { KubeObject } from "../../flow/object.ts";
import { isKind } from "../../profiles/kinds.ts";
import type { ObjectSet } from "../../profiles/object-set.ts";
import { pipelineServer, scheduledWorkflow } from "../../profiles/pipelines.ts";
import type { ChangeContext, ChangeRule } from "./rule.ts";

/**
 * When a pipeline server starts, it writes the recurring runs of its database over their objects: one that came back
 * disabled would be enabled again. Where its database comes back too, the rows are disabled before the server starts
 * (restore/pipeline-rows.ts). Elsewhere the part of the server that starts recurring runs stays off where there are any.
 */
export const recurringRuns: ChangeRule = {
  name: "recurring-runs",
  change: (object, context) => {
    if (!holdsRecurringRuns(object, context.all, context.ref.namespace) || hasOwnRows(object, context))
      return undefined;
    object.spec ??= {};
    object.spec.scheduledWorkflow = { ...object.spec.scheduledWorkflow, deploy: false };
    return "its starter of recurring runs stays off: nothing runs again by itself";
  },
};

/** Its operator runs the database for it, and the restore changes the rows while it holds the server back. */
function hasOwnRows(
  { spec, metadata }: KubeObject,
  { point, ref, component: { flags, namePrefix } }: ChangeContext,
): boolean {
  if (spec?.database?.externalDB || flags.onlyMetadata || flags.onlyData || namePrefix) return false;
  return point.databases.some(
    ({ namespace, pod, accounts }) =>
      namespace === ref.namespace && pod.startsWith(`mariadb-${metadata.name}-`) && accounts.length > 0,
  );
}

/** A pipeline server whose recurring runs are on, in the point. */
export function holdsRecurringRuns(object: KubeObject, all: ObjectSet, namespace: string | undefined): boolean {
  if (!isKind(object, pipelineServer) || object.spec?.scheduledWorkflow?.deploy === false) return false;
  return all
    .ofKind(scheduledWorkflow.group, scheduledWorkflow.kind, namespace)
    .some((one) => one.spec?.enabled !== false);
}
