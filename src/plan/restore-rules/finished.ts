import type { KubeObject } from "../../flow/object.ts";
import { refOf } from "../../flow/object.ts";
import { kindKey } from "../restore-facts.ts";
import type { ChangeRule, DecideRule } from "./rule.ts";
import { skip } from "./rule.ts";

/** Kinds of runs beside Job and Pod, with the field that holds them back. */
const suspendPaths: Readonly<Record<string, readonly string[]>> = {
  "Workflow.argoproj.io": ["spec", "suspend"],
  "TrainJob.trainer.kubeflow.org": ["spec", "suspend"],
  "RayJob.ray.io": ["spec", "suspend"],
  "PyTorchJob.kubeflow.org": ["spec", "runPolicy", "suspend"],
  "TFJob.kubeflow.org": ["spec", "runPolicy", "suspend"],
  "MPIJob.kubeflow.org": ["spec", "runPolicy", "suspend"],
  "XGBoostJob.kubeflow.org": ["spec", "runPolicy", "suspend"],
  "PaddleJob.kubeflow.org": ["spec", "runPolicy", "suspend"],
  "JAXJob.kubeflow.org": ["spec", "runPolicy", "suspend"],
};
const workflow = "Workflow.argoproj.io";

/** A finished run would start again, since its status does not survive creation. A Workflow's does. */
export const finishedRun: DecideRule = {
  name: "finished-run",
  decide: (object, { ref }) => {
    const kind = kindKey(ref.group, ref.kind);
    if (!suspendPaths[kind] || kind === workflow) return undefined;
    const end = endOf(object);
    return end ? skip(`it had ended (${end}); written back, it would run again`) : undefined;
  },
};

/** Unfinished training runs and workflows come back suspended. A finished workflow keeps its status and never starts. */
export const runSuspended: ChangeRule = {
  name: "run-suspended",
  change: (object) => {
    const { group, kind } = refOf(object);
    const path = suspendPaths[kindKey(group, kind)];
    if (!path || !object.spec) return undefined;
    if (kindKey(group, kind) === workflow) {
      delete object.spec.ttlStrategy; // would delete it at once
      if (object.metadata.labels?.["workflows.argoproj.io/completed"] === "true") return "comes back finished";
      delete object.status;
    }
    let place: Record<string, any> = object;
    for (const key of path.slice(0, -1)) place = place[key] ??= {};
    place[path.at(-1) ?? ""] = true;
    return "suspended: nothing runs again by itself";
  },
};

/** "Complete", "Failed", ... of a run; undefined while it runs or waits. */
function endOf(object: KubeObject): string | undefined {
  const conditions: { type?: string; status?: string }[] = object.status?.conditions ?? [];
  const done = conditions.find(
    (one) => one.status === "True" && /^(Complete|Completed|Succeeded|Failed)$/.test(one.type ?? ""),
  );
  if (done) return done.type;
  const ray: unknown = object.status?.jobDeploymentStatus;
  return ray === "Complete" || ray === "Failed" ? ray : undefined;
}
