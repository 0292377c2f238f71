/** Who waits for whom. Looked at inside `oneAtATime`, so that it holds until what was asked for has begun. */
import { kindResource } from "../../api/resources.ts";
import { fromTargetLabel } from "../../agent/target.ts";
import type { KubeObject } from "../../flow/object.ts";
import { jobOutcome } from "../../kube/job-outcome.ts";
import { objectsOf } from "../../kube/objects.ts";
import { jobs } from "../../kube/well-known.ts";
import { runLabel } from "../../movers/contract.ts";
import { isFinished } from "../../run/specs.ts";
import { planPath } from "../../store/layout.ts";
import { type Deps, runIdOf } from "./deps.ts";
import { namespacesOf, planOf } from "./references.ts";

/** Runs of one plan, and restores into one namespace, go one after the other, the oldest first. Gives what is waited for. */
export async function turnOf(deps: Deps, object: KubeObject): Promise<string | undefined> {
  if (object.spec.dryRun) return undefined;
  for (const kind of isBackup(object) ? [object.kind] : ["Restore", "ClusterRestore"]) {
    for await (const { object: other } of deps.client.list(kindResource(kind), {})) {
      if (other.metadata.uid === object.metadata.uid || other.spec.dryRun || !meet(other, object)) continue;
      if (await isAhead(deps, other, object)) return `${other.kind} ${other.metadata.name}`;
    }
  }
  return undefined;
}

/** One that is being deleted counts only while it does something: it may wait for its target for ever. */
async function isAhead(deps: Deps, other: KubeObject, object: KubeObject): Promise<boolean> {
  if (other.metadata.deletionTimestamp) return hasRunner(deps, runIdOf(other));
  if (isFinished(other) || other.metadata.labels?.[fromTargetLabel]) return false;
  return other.status?.status === "InProgress" || isOlder(other, object);
}

async function hasRunner({ client, settings }: Deps, run: string): Promise<boolean> {
  const labels = `${runLabel}=${run},app.kubernetes.io/component=runner`;
  const found = await objectsOf(client, jobs, { namespace: settings.namespace, labels });
  return found.some((job) => !jobOutcome(job));
}

/** What keeps a recovery point from being removed: a backup of its plan that runs, since its point may name snapshots of this one, or a restore that reads it. */
export async function userOf(
  { client }: Deps,
  point: { readonly plan: string; readonly location: string },
): Promise<string | undefined> {
  for (const kind of ["ClusterBackup", "Backup", "ClusterRestore", "Restore"]) {
    for await (const { object } of client.list(kindResource(kind), {})) {
      if (object.status?.status !== "InProgress") continue;
      const uses = isBackup(object)
        ? planPath(planOf(object)) === point.plan
        : object.status.point?.location === point.location;
      if (uses) return `${object.kind} ${object.metadata.name}`;
    }
  }
  return undefined;
}

export function isBackup({ kind }: KubeObject): boolean {
  return kind.endsWith("Backup");
}

/** Two backups of one plan, or two restores that may write into one namespace. */
function meet(a: KubeObject, b: KubeObject): boolean {
  if (isBackup(a)) return planPath(planOf(a)) === planPath(planOf(b));
  const [into, others] = [namespacesOf(a), namespacesOf(b)];
  return !into || !others || into.some((one) => others.includes(one));
}

function isOlder(a: KubeObject, b: KubeObject): boolean {
  const byTime = (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? "");
  return byTime < 0 || (byTime === 0 && (a.metadata.uid ?? "") < (b.metadata.uid ?? ""));
}
