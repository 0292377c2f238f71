/** All profiles, and the questions that the stages ask of them together. */
import type { Database } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import { argo } from "./argo.ts";
import { database } from "./database.ts";
import { generic } from "./generic/index.ts";
import { anyReadiness } from "./generic/readiness.ts";
import { kserve } from "./kserve.ts";
import { modelRegistry } from "./model-registry.ts";
import { notebook } from "./notebook.ts";
import { objectBucketClaim } from "./object-bucket-claim.ts";
import type { ObjectSet } from "./object-set.ts";
import { pipelines } from "./pipelines.ts";
import { platformConfig } from "./platform-config.ts";
import type { BucketUse, NotRestored, OrderHint, Profile, Readiness, Reference, RestoreRule } from "./profile.ts";
import { training } from "./training.ts";

/** What knows more comes first: its reasons are the ones that people read. */
export const profiles: readonly Profile[] = [
  notebook,
  kserve,
  modelRegistry,
  pipelines,
  argo,
  training,
  objectBucketClaim,
  platformConfig,
  database,
  generic,
];

/** What `object` leans on, by the rules of all profiles; each target once per rule. */
export function referencesOf(object: KubeObject, all: ObjectSet): readonly Reference[] {
  return profiles.flatMap((profile) => profile.references?.(object, all) ?? []);
}

/** Why an object of a recovery point is not written back; undefined where it is. */
export function notRestored(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  const reason = firstReason(object, all);
  // State of people is restored although somebody's controller owns it.
  const owned = reason?.rule === "child-of-controller" || reason?.rule === "child-from-outside";
  return owned && profiles.some((profile) => profile.keeps?.(object, all)) ? undefined : reason;
}

function firstReason(object: KubeObject, all: ObjectSet): NotRestored | undefined {
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
  return anyReadiness(object);
}

/** All databases that run. Where several profiles know one, what they know is joined. */
export function databasesOf(all: ObjectSet): readonly Database[] {
  const byId = new Map<string, Database>();
  for (const found of profiles.flatMap((profile) => profile.databases?.(all) ?? [])) {
    const known = byId.get(found.id);
    byId.set(found.id, known ? join(known, found) : found);
  }
  return [...byId.values()];
}

function join(one: Database, other: Database): Database {
  const accounts = new Map([...one.accounts, ...other.accounts].map((account) => [JSON.stringify(account), account]));
  // root first: only it may take the global read lock.
  const sorted = [...accounts.values()].sort((a, b) => Number(b.user === "root") - Number(a.user === "root"));
  return { ...one, accounts: sorted, databases: [...new Set([...one.databases, ...other.databases])] };
}

export function bucketUsesOf(all: ObjectSet): readonly BucketUse[] {
  return profiles.flatMap((profile) => profile.buckets?.(all) ?? []);
}

/** In the order in which `prepare` (prepare.ts) applies them. */
export const restoreRules: readonly RestoreRule[] = profiles.flatMap((profile) => profile.restoreRules ?? []);

export const orderHints: readonly OrderHint[] = profiles.flatMap((profile) => profile.order ?? []);
