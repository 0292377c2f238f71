import type { KubeObject } from "../../flow/object.ts";
import { startsClean } from "../clean-start.ts";
import { condition } from "../generic/readiness.ts";
import { isKind, kinds } from "../kinds.ts";
import { noted } from "../noted.ts";
import { leads, valuesAt } from "../paths.ts";
import type { GroupKind, NotRestored, Profile, Reference } from "../profile.ts";

const group = "external-secrets.io";
const eso = (kind: string): GroupKind => ({ group, kind });
const externalSecret = eso("ExternalSecret");
const pushSecret = eso("PushSecret");
const store = eso("SecretStore");

/** External Secrets: Secrets that are fetched from a store outside, made by a generator, or pushed to a store. */
export const externalSecrets: Profile = {
  name: "external-secrets",
  about: {
    is: "Secrets that the External Secrets Operator fetches, makes or pushes.",
    left: "ExternalSecrets whose value a generator makes: a new password would not fit the data that came back. Their Secret comes back.",
    keeps:
      "The Secret of each ExternalSecret: the application starts with it, also where the store outside cannot be reached yet.",
    status: "They start clean, so that a Secret is fetched again.",
    held: "A PushSecret writes only what the store lacks: the values of the point are old. An annotation keeps its policy.",
  },
  kinds: [externalSecret, pushSecret, store, eso("ClusterSecretStore"), eso("ClusterExternalSecret")],
  leaves: [
    {
      kinds: [{ group: "generators.external-secrets.io", kind: "GeneratorState" }],
      rule: "runtime-kind",
      reason: "it belongs to a value that was generated; generators make their own",
    },
  ],
  paths: [
    leads(externalSecret, "spec.target.name", kinds.secret, { kind: "stores", optional: true }),
    leads(pushSecret, "spec.selector.secret.name", kinds.secret),
    leads(store, "spec.provider{*}.auth{*}.secretRef.name", kinds.secret, { rule: "secretStore.provider.auth" }),
    leads(store, "spec.provider{*}.auth{*}.name", kinds.secret, { rule: "secretStore.provider.auth" }),
    leads(store, "spec.provider{*}.auth.secretRef{*}.name", kinds.secret, { rule: "secretStore.provider.auth" }),
    leads(store, "spec.provider{*}.auth{*}.serviceAccountRef.name", kinds.serviceAccount, {
      rule: "secretStore.provider.serviceAccount",
    }),
  ],
  references: (object) => [...storesOf(object), ...authorityOf(object)],
  children: ofGenerator,
  readiness: (object) =>
    [externalSecret, pushSecret, store].some((kind) => isKind(object, kind)) ? condition(object, "Ready") : undefined,
  restoreRules: [
    startsClean(
      "external-secret",
      [externalSecret, pushSecret, store],
      "fetched again, a Secret is as its store has it now",
    ),
    {
      id: "push-secret-adds-only",
      kinds: [pushSecret],
      why: "the values of the point are older than those of the store",
      change: addOnly,
    },
  ],
  order: [
    { kind: externalSecret, after: [store, kinds.secret], why: "it takes over the Secret that it finds" },
    { kind: store, after: [kinds.secret, kinds.serviceAccount], why: "it logs in when it is made" },
  ],
};

/** A store of the namespace where nothing else is said. */
function storesOf(object: KubeObject): readonly Reference[] {
  const { namespace } = object.metadata;
  const paths = isKind(object, externalSecret)
    ? ["spec.secretStoreRef", "spec.data[*].sourceRef.storeRef", "spec.dataFrom[*].sourceRef.storeRef"]
    : isKind(object, pushSecret)
      ? ["spec.secretStoreRefs[*]"]
      : [];
  return paths.flatMap((path) =>
    valuesAt(object, path).flatMap((ref: any): readonly Reference[] => {
      if (!ref?.name) return [];
      const kind = ref.kind ?? store.kind;
      const to = { group, kind, ...(kind === store.kind ? { namespace } : {}), name: ref.name };
      return [{ to, kind: "needs", rule: "externalSecret.storeRef" }];
    }),
  );
}

/** The certificates of a store's authority: a ConfigMap or a Secret, by its type. */
function authorityOf(object: KubeObject): readonly Reference[] {
  if (!isKind(object, store)) return [];
  const { namespace: own } = object.metadata;
  return (valuesAt(object, "spec.provider{*}.caProvider") as any[])
    .filter((one) => one.type && one.name)
    .map(({ type, name, namespace = own }) => ({
      to: { group: "", kind: type, namespace, name },
      kind: "reads",
      rule: "secretStore.caProvider",
    }));
}

/** It would make a new value as soon as it is written, over the Secret that came back. */
function ofGenerator(object: KubeObject): NotRestored | undefined {
  if (!isKind(object, externalSecret)) return undefined;
  const [ref] = valuesAt(object, "spec.dataFrom[*].sourceRef.generatorRef") as any[];
  if (!ref) return undefined;
  return {
    rule: "would-change-secret",
    reason: `generator ${ref.kind ?? ""}/${ref.name} would make a new value over the Secret that comes back, which fits the data`,
  };
}

function addOnly(object: KubeObject): KubeObject {
  const { spec } = object;
  if (!spec || spec.updatePolicy === "IfNotExists") return object;
  noted(object, "update-policy", spec.updatePolicy ?? "Replace");
  spec.updatePolicy = "IfNotExists";
  return object;
}
