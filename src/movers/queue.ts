/**
 * Which of the waiting movers may start. All runners and CLIs of a cluster share one limit without a central: Jobs are made
 * suspended, and everybody computes the same order from what the API server lists. Pure.
 */
import type { KubeObject } from "../flow/object.ts";
import { jobOutcome } from "../kube/job-outcome.ts";
import { nodeAnnotation } from "./job.ts";

export interface Limits {
  readonly inAll: number;
  readonly perNode: number;
  readonly nodes: number;
}

/**
 * The suspended Jobs to release now. A Job's rank among the unfinished ones, by time of creation, must be below the limit;
 * ranks only fall, so what runs was below it too. Any process may release any Job: one that was left behind does not
 * block the others.
 */
export function toRelease(jobs: readonly KubeObject[], limits: Limits): KubeObject[] {
  const open = jobs.filter((job) => !jobOutcome(job) && !job.metadata.deletionTimestamp).sort(byCreation);
  const limit = Math.max(1, Math.min(limits.inAll, limits.perNode * limits.nodes));
  let slots = limit - open.filter(running).length;
  const perNode = new Map<string, number>();
  for (const job of open) if (running(job)) count(perNode, job);
  const released: KubeObject[] = [];
  for (const job of open) {
    if (running(job)) continue;
    if (slots <= 0) break;
    const node = job.metadata.annotations?.[nodeAnnotation];
    if (node && (perNode.get(node) ?? 0) >= limits.perNode) continue; // others may pass: their nodes are free
    count(perNode, job);
    released.push(job);
    slots--;
  }
  return released;
}

function running(job: KubeObject): boolean {
  return job.spec?.suspend !== true;
}

function count(perNode: Map<string, number>, job: KubeObject): void {
  const node = job.metadata.annotations?.[nodeAnnotation];
  if (node) perNode.set(node, (perNode.get(node) ?? 0) + 1);
}

function byCreation(a: KubeObject, b: KubeObject): number {
  return key(a) < key(b) ? -1 : 1;
}

function key(job: KubeObject): string {
  return `${job.metadata.creationTimestamp}/${job.metadata.name}`;
}
