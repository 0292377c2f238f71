import type { RestoreStep } from "../flow/restore-plan.ts";
import { readinessOf } from "../profiles/index.ts";
import { type Decided, isWritten } from "./restore-decided.ts";
import { type Draft, draft } from "./restore-graph.ts";
import { ranks, stepIds } from "./restore-names.ts";
import { type RestoreComponent, defaultReadySeconds } from "./restore-options.ts";

/** What was ready in the point has to be ready again. */
export function readyDraft(
  component: RestoreComponent,
  decided: readonly Decided[],
  work: readonly Draft[],
  namespaceOf: (step: RestoreStep) => string | undefined,
): Draft[] {
  const refs = decided
    .filter((one) => one.component === component && isWritten(one) && readinessOf(one.original) === "ready")
    .map((one) => one.targetRef);
  if (refs.length === 0) return [];
  const namespace = component.restoreNamespace;
  const after = work.filter((one) => namespaceOf(one.step) === namespace).map((one) => one.step.id);
  const seconds = component.readyWaitSeconds ?? defaultReadySeconds;
  const why = `${refs.length} objects were ready in the point`;
  return [
    draft({ kind: "ready", id: stepIds.ready(namespace), needs: [], why, refs, seconds }, ranks.ready, [], after),
  ];
}
