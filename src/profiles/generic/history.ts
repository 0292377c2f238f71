/**
 * What a controller owns, and does not make again: the revisions that a workload can be rolled back to, and the finished Jobs
 * of a CronJob. They come back beside their owner, linked to it, so that it adopts them. The newest revision is the workload's
 * own template: its controller writes it again, by the same name, and counts it on from the others.
 */
import { controllerOf, type KubeObject, refOf } from "../../flow/object.ts";
import { isKind, kinds } from "../kinds.ts";
import type { ObjectSet } from "../object-set.ts";
import type { GroupKind } from "../profile.ts";
import { endOf } from "../runs.ts";
import { ownerIn } from "./owner.ts";

const owners: readonly { readonly history: GroupKind; readonly of: readonly GroupKind[] }[] = [
  { history: kinds.replicaSet, of: [kinds.deployment] },
  { history: kinds.controllerRevision, of: [kinds.statefulSet, kinds.daemonSet] },
  { history: kinds.job, of: [kinds.cronJob] },
];

/** Asks without a look at the object. */
export function mayBeHistory({ group, kind }: GroupKind): boolean {
  return owners.some(({ history }) => history.kind === kind && history.group === group);
}

/** The workload in the point whose history `object` may be; one that a controller makes has its own history. */
export function historyOwner(object: KubeObject, all: ObjectSet): KubeObject | undefined {
  const known = owners.find((one) => isKind(object, one.history));
  const reference = known && controllerOf(object);
  const owner = reference && ownerIn(all, reference, object.metadata.namespace);
  if (!owner || !known?.of.some((kind) => isKind(owner, kind))) return undefined;
  return controllerOf(owner) ? undefined : owner;
}

/** Is it a part of its owner's past, which the owner's controller cannot make again? */
export function isHistory(object: KubeObject, all: ObjectSet): boolean {
  const owner = historyOwner(object, all);
  if (!owner) return false;
  if (isKind(object, kinds.job)) return endOf(object) !== undefined;
  return revisionOf(object) < (newestRevisions(object, all).get(ownerUid(object)) ?? 0);
}

const newest = new WeakMap<ObjectSet, Map<string, ReadonlyMap<string, number>>>();

/** Owner's uid -> its newest revision, of all objects of this kind. Counted once for a set. */
function newestRevisions(object: KubeObject, all: ObjectSet): ReadonlyMap<string, number> {
  const { group, kind } = refOf(object);
  const known = newest.get(all) ?? new Map<string, ReadonlyMap<string, number>>();
  newest.set(all, known);
  const found = known.get(kind);
  if (found) return found;
  const counted = new Map<string, number>();
  for (const one of all.ofKind(group, kind)) {
    const owner = ownerUid(one);
    counted.set(owner, Math.max(counted.get(owner) ?? 0, revisionOf(one)));
  }
  known.set(kind, counted);
  return counted;
}

function ownerUid(object: KubeObject): string {
  return controllerOf(object)?.uid ?? "";
}

function revisionOf(object: KubeObject): number {
  return Number(object.revision ?? object.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
}
