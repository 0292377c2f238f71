import { toFault } from "../../base/fault.ts";
import type { KubeObject } from "../../flow/object.ts";
import { jobOutcome } from "../../kube/job-outcome.ts";
import { objectsOf } from "../../kube/objects.ts";
import { jobs, secrets } from "../../kube/well-known.ts";
import { runLabel } from "../../movers/contract.ts";
import { resolveTarget } from "../../run/target-access.ts";
import { runnerName } from "../runner.ts";
import { startedRunner, startRunner } from "../start-runner.ts";
import { cleanUp, type Deps, type Next, runIdOf, textOf } from "./deps.ts";
import { release, stopRunner } from "./end.ts";
import { say } from "./status.ts";
import { userOf } from "./turn.ts";

/** Holds a Backup until its recovery point is gone from the target. */
export const pointFinalizer = "holdfast.dev/recovery-point";
const tryAgainMs = 5 * 60_000;
const abandonAnnotation = "holdfast.dev/abandon-point";

/**
 * Deleting a Backup: a run in progress is stopped and cleaned up, its recovery point is removed by a runner Job while the
 * status says Deleting, then the object goes. A target that is gone for good is let go with the annotation
 * holdfast.dev/abandon-point=true.
 */
export async function forget(deps: Deps, object: KubeObject): Promise<Next> {
  const { client, settings } = deps;
  if (!object.metadata.finalizers?.includes(pointFinalizer)) return undefined;
  const run = runIdOf(object);
  const backup = runnerName("backup", run);
  if (await stopRunner(deps, backup)) return 1000;
  if (object.status?.status !== "Deleting") {
    await client.remove(secrets, backup, settings.namespace);
    await cleanUp(deps, run);
  }
  const point = object.status?.point;
  if (!point || object.metadata.annotations?.[abandonAnnotation] === "true") return letGo(deps, object);
  const job = await startedRunner(deps, "forget", run);
  return job ? watchForget(deps, object, job) : deps.oneAtATime(() => startForget(deps, object, run));
}

async function watchForget(deps: Deps, object: KubeObject, job: KubeObject): Promise<Next> {
  const { client, settings } = deps;
  const { name } = job.metadata;
  const outcome = jobOutcome(job);
  if (!outcome) return 2000;
  if (!outcome.ok) {
    const log = `kubectl logs -n ${settings.namespace} job/${name}`;
    await tell(deps, object, `the recovery point could not be removed; log: ${log}; it is tried again every 5 minutes`);
    const wait = outcome.at + tryAgainMs - Date.now();
    if (wait > 0) return wait; // the Job stays so long, with its log
  }
  await client.remove(jobs, name, settings.namespace);
  return outcome.ok ? letGo(deps, object) : 1000;
}

async function startForget(deps: Deps, object: KubeObject, run: string): Promise<Next> {
  const { point } = object.status;
  const user = await userOf(deps, point);
  if (user) {
    await tell(deps, object, `waits for ${user}, which may need what this recovery point stands on`);
    return 5000;
  }
  if (await otherRemovalRuns(deps, run)) {
    await tell(deps, object, "waits for another recovery point to be removed: each needs the repositories for itself");
    return 5000;
  }
  try {
    const target = await resolveTarget(deps.client, point.target, deps.settings.namespace);
    await startRunner(deps, object, { work: "forget", run, target, limits: { backoffLimit: 2 } });
  } catch (error) {
    const fault = toFault(error);
    const way = `kubectl annotate ${object.kind.toLowerCase()} ${object.metadata.name} ${abandonAnnotation}=true`;
    const hint = fault.code === "NOT_FOUND" ? `if the target is gone for good: ${way}` : fault.hint;
    await tell(deps, object, textOf({ message: fault.message, hint }));
    return 30_000;
  }
  await tell(deps, object, `removing recovery point ${point.id} from target ${point.target.name}`);
  return 2000;
}

/** The own Job is there where it waits for its order. */
async function otherRemovalRuns({ client, settings }: Deps, run: string): Promise<boolean> {
  const labels = `holdfast.dev/work=forget,${runLabel}!=${run}`;
  const found = await objectsOf(client, jobs, { namespace: settings.namespace, labels });
  return found.some((job) => !jobOutcome(job));
}

function tell(deps: Deps, object: KubeObject, message: string): Promise<void> {
  return say(deps, object, { status: "Deleting", message });
}

async function letGo(deps: Deps, object: KubeObject): Promise<Next> {
  await release(deps, object, pointFinalizer);
  return undefined;
}
