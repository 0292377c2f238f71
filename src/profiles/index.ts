/** All profiles, and the questions that the stages ask of them together. */
import type { Database } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import type { ObjectSet } from "./object-set.ts";
import type { BucketUse, NotRestored, OrderHint, Profile, Readiness, Reference, RestoreRule } from "./profile.ts";

export const profiles: readonly Profile[] = [];

/** What `object` leans on, by the rules of all profiles; each target once per rule. */
export function referencesOf(object: KubeObject, all: ObjectSet): readonly Reference[] {
  return profiles.flatMap((profile) => profile.references?.(object, all) ?? []);
}

/** Why an object of a recovery point is not written back; undefined where it is. */
export function notRestored(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  if (profiles.some((profile) => profile.keeps?.(object, all))) return undefined;
  for (const profile of profiles) {
    const reason = profile.children?.(object, all);
    if (reason) return reason;
  }
  return undefined;
}

/** Is the object serving? "unknown" where no profile can judge its kind. */
export function readinessOf(object: KubeObject): Readiness {
  for (const profile of profiles) {
    const readiness = profile.readiness?.(object);
    if (readiness) return readiness;
  }
  return "unknown";
}

export function databasesOf(all: ObjectSet): readonly Database[] {
  return profiles.flatMap((profile) => profile.databases?.(all) ?? []);
}

export function bucketUsesOf(all: ObjectSet): readonly BucketUse[] {
  return profiles.flatMap((profile) => profile.buckets?.(all) ?? []);
}

export const restoreRules: readonly RestoreRule[] = profiles.flatMap((profile) => profile.restoreRules ?? []);

export const orderHints: readonly OrderHint[] = profiles.flatMap((profile) => profile.order ?? []);
