/** All profiles, and the questions that the stages ask of them together. */
import type { Database, DatabaseAccount, RowHost } from "../flow/inventory.ts";
import { type KubeObject, type ObjectRef, refOf } from "../flow/object.ts";
import { argo } from "./argo.ts";
import { connections } from "./connections.ts";
import { database } from "./database.ts";
import { generic } from "./generic/index.ts";
import { anyReadiness } from "./generic/readiness.ts";
import { hubModelsOf } from "./hub-models.ts";
import { kubeflow } from "./kubeflow.ts";
import { kserve } from "./kserve.ts";
import { modelRegistry } from "./model-registry.ts";
import { noobaa } from "./noobaa.ts";
import { notebook } from "./notebook.ts";
import { objectBucketClaim } from "./object-bucket-claim.ts";
import type { ObjectSet } from "./object-set.ts";
import { type NamedText, referencesBy, rulesByKind, textsBy } from "./paths.ts";
import { pipelines } from "./pipelines.ts";
import { platformConfig } from "./platform-config.ts";
import type { BucketUse, NotRestored, OrderHint, Profile, Readiness, Reference, RestoreRule } from "./profile.ts";
import { hostOf } from "./rows-at.ts";
import { servingParts } from "./serving-parts.ts";
import { trainer } from "./trainer.ts";
import { katib } from "./katib.ts";
import { rayProfile } from "./ray.ts";
import { kueue } from "./kueue.ts";
import { mlflow } from "./mlflow.ts";
import { feast } from "./feast.ts";
import { vectorStore } from "./vector-store.ts";
import { trustyAi } from "./trusty-ai.ts";
import { llamaStack } from "./llama-stack.ts";
import { sparkProfile } from "./spark.ts";
import { appWrapper } from "./app-wrapper.ts";
import { cosi } from "./cosi.ts";
import { batch } from "./batch.ts";
import { helm } from "./tools/helm.ts";
import { olm } from "./tools/olm.ts";
import { certManager } from "./tools/cert-manager.ts";
import { externalSecrets } from "./tools/external-secrets.ts";
import { sealedSecrets } from "./tools/sealed-secrets.ts";
import { gitops } from "./tools/gitops.ts";
import { knative } from "./tools/knative.ts";
import { openShift } from "./tools/openshift.ts";
import { workspace } from "./workspace.ts";
import { claimsByUri, uriUses } from "./uri-uses.ts";

/** What knows more comes first: its reasons are the ones that people read. */
export const profiles: readonly Profile[] = [
  notebook,
  workspace,
  kserve,
  servingParts,
  modelRegistry,
  pipelines,
  argo,
  trainer,
  katib,
  rayProfile,
  kueue,
  sparkProfile,
  appWrapper,
  batch,
  mlflow,
  feast,
  vectorStore,
  trustyAi,
  llamaStack,
  cosi,
  knative,
  certManager,
  externalSecrets,
  sealedSecrets,
  gitops,
  helm,
  olm,
  openShift,
  objectBucketClaim,
  noobaa,
  connections,
  platformConfig,
  kubeflow,
  database,
  generic,
];

const pathRules = profiles.flatMap((profile) => profile.paths ?? []);
const pathRulesOf = rulesByKind(pathRules);

/** What `object` leans on, by the rules of all profiles; each target once per rule. */
export function referencesOf(object: KubeObject, all: ObjectSet): readonly Reference[] {
  return [
    ...referencesBy(pathRulesOf(object), object),
    ...claimsByUri(object, urisOf(object)),
    ...profiles.flatMap((profile) => profile.references?.(object, all) ?? []),
  ];
}

/** What the fields of `object` name for good: its controller fails without it. Nothing where its kind has no such fields. */
export function namedBy(object: KubeObject): readonly Reference[] {
  return referencesBy(pathRulesOf(object), object).filter((one) => !one.optional);
}

/** May an object of this kind name others by fields of its own? Asks without a look at the object. */
export function hasPaths({ group, kind }: Pick<ObjectRef, "group" | "kind">): boolean {
  return pathRules.some(({ of, optional }) => !optional && of.kind === kind && of.group === group);
}

/** The places of weights, code and data that the fields of `object` name by a URI, and its servers by their arguments. */
export function urisOf(object: KubeObject): readonly NamedText[] {
  return [...textsBy(pathRulesOf(object), "uri", object), ...hubModelsOf(object)];
}

/** The images that fields of `object` name, beside those of its pods. */
export function imagesOf(object: KubeObject): readonly NamedText[] {
  return textsBy(pathRulesOf(object), "image", object);
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
    const reason = leftBy(profile, object) ?? profile.children?.(object, all);
    if (reason) return reason;
  }
  return undefined;
}

function leftBy({ leaves = [] }: Profile, object: KubeObject): NotRestored | undefined {
  if (leaves.length === 0) return undefined;
  const { group, kind } = refOf(object);
  const found = leaves.find(({ kinds }) =>
    kinds.some((one) => one.group === group && (one.kind === kind || one.kind === "*")),
  );
  return found && { rule: found.rule, reason: found.reason };
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
  const mayAll = ({ user, isOpen }: DatabaseAccount) => Number(user === "root" && !isOpen);
  const sorted = [...accounts.values()].sort((a, b) => mayAll(b) - mayAll(a));
  return { ...one, accounts: sorted, databases: [...new Set([...one.databases, ...other.databases])] };
}

export function bucketUsesOf(all: ObjectSet): readonly BucketUse[] {
  return [...profiles.flatMap((profile) => profile.buckets?.(all) ?? []), ...uriUses(all, pathRules)];
}

const rowsRules = profiles.flatMap((profile) => profile.rows ?? []);

/** The hosts on which objects keep their rows; each once for an object. */
export function rowHostsOf(all: ObjectSet): readonly RowHost[] {
  return rowsRules.flatMap(({ of, hosts }) =>
    all.ofKind(of.group, of.kind).flatMap((object) => {
      const named = hosts(object, all).flatMap((text) => hostOf(text) ?? []);
      return [...new Set(named)].map((host) => ({ by: refOf(object), host }));
    }),
  );
}

/** In the order in which `prepare` (prepare.ts) applies them. */
export const restoreRules: readonly RestoreRule[] = profiles.flatMap((profile) => profile.restoreRules ?? []);

export const orderHints: readonly OrderHint[] = profiles.flatMap((profile) => profile.order ?? []);
