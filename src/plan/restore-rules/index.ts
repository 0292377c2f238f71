/** The rules of a restore, in their order. Each is small, pure, named, and tested. What holds of a kind everywhere is in src/profiles. */
import { apiVersion } from "./api-version.ts";
import { runSuspended } from "./finished.ts";
import { adoptedSecrets } from "./adopted-secrets.ts";
import { cannotBeHeld } from "./cannot-be-held.ts";
import { helmReleases } from "./helm-releases.ts";
import { hosts } from "./hosts.ts";
import { imageRegistries } from "./image-registry.ts";
import { byProfile, defaultServiceAccount, ownedState, wasBeingDeleted } from "./kept-away.ts";
import { namespace, serviceNames } from "./namespace-map.ts";
import { nodePortsKept } from "./node-ports.ts";
import { fixedNames, nameReferences, serviceHosts } from "./name-references.ts";
import { ownNotes } from "./own-notes.ts";
import { ownerReferences } from "./owners.ts";
import { recurringRuns } from "./recurring-runs.ts";
import { retiredKind } from "./retired-kind.ts";
import type { ChangeRule, DecideRule } from "./rule.ts";
import { excluded, onlyData } from "./selection.ts";
import { staleConnection } from "./stale-connection.ts";
import { storageClasses } from "./storage-class.ts";
import { alreadyExists, existingBucketClaim, existingClaim, kindNotServed, ofTheApplication } from "./target.ts";
import { transforms } from "./transforms.ts";

/** The first that has something to say decides. */
export const decideRules: readonly DecideRule[] = [
  excluded,
  wasBeingDeleted,
  byProfile,
  onlyData,
  kindNotServed,
  retiredKind,
  cannotBeHeld,
  existingClaim,
  existingBucketClaim,
  defaultServiceAccount,
  staleConnection,
  alreadyExists,
  ownedState,
  ofTheApplication,
];

/** All are asked, in this order, on a copy. The profiles' own rules come after them. */
export const changeRules: readonly ChangeRule[] = [
  ownerReferences,
  adoptedSecrets,
  ownNotes,
  nameReferences,
  fixedNames,
  storageClasses,
  imageRegistries,
  hosts,
  runSuspended,
  recurringRuns,
  namespace,
  helmReleases,
  serviceNames,
  serviceHosts,
];

/** A person's changes win over every rule. */
export const lastChanges: readonly ChangeRule[] = [nodePortsKept, apiVersion, transforms];
