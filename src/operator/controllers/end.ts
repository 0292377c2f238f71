/** The end of a run: what it was given is taken back, what it made is gone. */
import { kindResource } from "../../api/resources.ts";
import { fromTargetLabel } from "../../agent/target.ts";
import type { KubeObject } from "../../flow/object.ts";
import { jobs, secrets } from "../../kube/well-known.ts";
import { takeBack } from "../restore-access.ts";
import { runnerName } from "../runner.ts";
import { cleanUp, type Deps, type Next, runIdOf } from "./deps.ts";
import { isBackup } from "./turn.ts";

/** Holds a Restore while it runs, so that deleting it stops the run and takes its rights back. */
export const runFinalizer = "holdfast.dev/run";
const tidiedAnnotation = "holdfast.dev/tidied";
const logSeconds = 24 * 3600;

/** After a run that ended by itself. The runner Job stays a while for its log. */
export async function tidy(deps: Deps, object: KubeObject): Promise<Next> {
  const { annotations, labels } = object.metadata;
  if (annotations?.[tidiedAnnotation] === "true" || labels?.[fromTargetLabel]) return undefined;
  const { client, settings } = deps;
  const run = runIdOf(object);
  const work = isBackup(object) ? "backup" : "restore";
  const name = runnerName(work, run);
  const job = await client.find(jobs, name, settings.namespace);
  if ((job?.status?.active ?? 0) > 0) return 2000; // the runner is on its way out
  if (work === "restore") await takeBack(client, settings, run, name);
  await client.remove(secrets, name, settings.namespace);
  await cleanUp(deps, run);
  if (job) await client.patch(jobs, name, settings.namespace, { spec: { ttlSecondsAfterFinished: logSeconds } });
  const over = await client.patch(kindResource(object.kind), object.metadata.name, object.metadata.namespace, {
    metadata: {
      annotations: { [tidiedAnnotation]: "true" },
      ...(work === "restore" ? { finalizers: without(object, runFinalizer) } : {}),
      resourceVersion: object.metadata.resourceVersion,
    },
  });
  const { status = "Ended", message, duration = "?" } = over.status ?? {};
  await deps.events.record(over, {
    type: status === "Available" ? "Normal" : "Warning",
    reason: status,
    message: message || `took ${duration}`,
  });
  return undefined;
}

/** A Restore that is deleted while it runs is stopped; what it has restored stays. */
export async function endRestore(deps: Deps, object: KubeObject): Promise<Next> {
  if (!object.metadata.finalizers?.includes(runFinalizer)) return undefined;
  const { client, settings } = deps;
  const run = runIdOf(object);
  const name = runnerName("restore", run);
  if (await stopRunner(deps, name)) return 1000;
  await takeBack(client, settings, run, name);
  await client.remove(secrets, name, settings.namespace);
  await cleanUp(deps, run);
  await release(deps, object, runFinalizer);
  return undefined;
}

/** Ends a runner. True as long as its pod is there: it cleans up behind itself, with the rights that it has. */
export async function stopRunner({ client, settings }: Deps, name: string): Promise<boolean> {
  if (!(await client.find(jobs, name, settings.namespace))) return false;
  await client.remove(jobs, name, settings.namespace, { propagation: "Foreground" });
  return true;
}

/** Takes a finalizer away. */
export async function release({ client }: Deps, object: KubeObject, finalizer: string): Promise<void> {
  const { name, namespace, resourceVersion } = object.metadata;
  await client.patch(kindResource(object.kind), name, namespace, {
    metadata: { finalizers: without(object, finalizer), resourceVersion },
  });
}

function without(object: KubeObject, finalizer: string): string[] | null {
  const rest = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  return rest.length > 0 ? rest : null;
}
