import { mergePatch } from "../../flow/merge-patch.ts";
import { endOf, heldValue, holdPatch, runKindOf } from "../../profiles/runs.ts";
import type { KubeObject } from "../../flow/object.ts";
import { isKind, kinds } from "../../profiles/kinds.ts";
import { workflow } from "../../profiles/argo.ts";
import type { ChangeRule } from "./rule.ts";

/**
 * Runs never start again by themselves. An unfinished one comes back held back, and begins clean when a person lets it go. A finished one
 * keeps its status: a Workflow from its first moment, others by a second write; until then, and where their controller looks at
 * the spec first also later, they are held back. Jobs of Kubernetes have a rule of their own (job-identity).
 */
export const runSuspended: ChangeRule = {
  name: "run-suspended",
  change: (object) => {
    const run = runKindOf(object);
    if (!run || !object.spec || isKind(object, kinds.job)) return undefined;
    if (isKind(object, workflow)) return changeWorkflow(object);
    if (endOf(object)) {
      delete object.spec.ttlSecondsAfterFinished; // its time is over: it would be deleted at once
      delete object.spec.runPolicy?.ttlSecondsAfterFinished;
      if (!run.release) merge(object, holdPatch(run, run.value));
      return run.release ? "comes back finished" : "comes back finished, and held back";
    }
    delete object.status;
    merge(object, holdPatch(run, run.value));
    return "suspended: nothing runs again by itself";
  },
};

function changeWorkflow(object: KubeObject): string {
  delete object.spec.ttlStrategy; // would delete it at once
  if (object.metadata.labels?.["workflows.argoproj.io/completed"] === "true") return "comes back finished";
  delete object.status;
  object.spec.suspend = true;
  return "suspended: nothing runs again by itself";
}

/**
 * What a finished run is created with, and rid of when its status is there; undefined where nothing holds it back, or something
 * does for good. `planned` is as it is to be in the end.
 */
export function holdOf(planned: KubeObject): Record<string, unknown> | undefined {
  const run = runKindOf(planned);
  if (!run?.release || !endOf(planned) || heldValue(planned, run) === run.value) return undefined;
  return holdPatch(run, run.value);
}

function merge(object: KubeObject, patch: Record<string, unknown>): void {
  Object.assign(object, mergePatch(object, patch));
}
