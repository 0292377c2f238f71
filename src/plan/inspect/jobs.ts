import { controllerOf, type KubeObject, refOf } from "../../flow/object.ts";
import { keptIn } from "../../flow/object-list.ts";
import type { ObjectSet } from "../../profiles/object-set.ts";
import { endOf, heldValue, isRunKind, runKindOf } from "../../profiles/runs.ts";
import type { Job, Jobs } from "./report.ts";

/** Listed one by one; the rest is counted. */
const most = 100;

/** What runs once and ends: the unfinished ones by name, since a backup meets them in the middle. */
export function jobsOf(all: ObjectSet): Jobs {
  const unfinished: Job[] = [];
  let finished = 0;
  for (const kept of keptIn(all.all())) {
    if (!isRunKind(kept.ref)) continue;
    const { object } = kept;
    if (controllerOf(object)) continue; // a part of what owns it
    if (endOf(object)) finished++;
    else unfinished.push(jobOf(object));
  }
  return { unfinished: unfinished.slice(0, most), more: Math.max(0, unfinished.length - most), finished };
}

function jobOf(object: KubeObject): Job {
  const { kind, namespace, name } = refOf(object);
  return { name: `${namespace}/${name}`, kind, state: stateOf(object) };
}

function stateOf(object: KubeObject): Job["state"] {
  const run = runKindOf(object);
  if (run && heldValue(object, run) === run.value) return "suspended";
  const { status = {} } = object;
  const phases = [status.phase, status.jobStatus, status.jobDeploymentStatus, status.state];
  const says = (status.conditions ?? []).some((one: any) => one?.type === "Running" && one.status === "True");
  return says || status.active > 0 || phases.some((one) => /^running$/i.test(String(one))) ? "running" : "waiting";
}
