import type { KubeObject } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { condition } from "./generic/readiness.ts";
import { isKind, kinds } from "./kinds.ts";
import { noted } from "./noted.ts";
import { leads, valuesAt } from "./paths.ts";
import { podsAt } from "./pods-at.ts";
import type { ObjectSet } from "./object-set.ts";
import type { GroupKind, Profile } from "./profile.ts";
import { secretText } from "./rows-at.ts";

const store: GroupKind = { group: "feast.dev", kind: "FeatureStore" };

const offline = "spec.services.offlineStore";
const online = "spec.services.onlineStore";
const registry = "spec.services.registry.local";
const parts = [offline, online, registry];

/** Feast: a registry of definitions, an online store, an offline store; files on claims, or rows elsewhere. */
export const feast: Profile = {
  name: "feast",
  about: {
    is: "Feast: feature stores with their registry, online and offline store.",
    left: "The operator's Deployment, Services, ConfigMaps and routes.",
    keeps: "The claims with registry.db and the stores' files, the Secrets that say where the other stores are.",
    status: "It starts clean.",
    held: "Its CronJob is suspended; definitions are not applied again from a branch of Git over the restored registry. Annotations keep both settings.",
  },
  kinds: [store],
  paths: [
    ...parts.flatMap((part) => [
      leads(store, `${part}.persistence.file.pvc.ref.name`, kinds.claim),
      leads(
        store,
        `${part}.persistence.file.pvc.create.storageClassName`,
        { group: "storage.k8s.io", kind: "StorageClass" },
        {
          within: "cluster",
        },
      ),
      leads(store, `${part}.persistence.store.secretRef.name`, kinds.secret),
      leads(store, `${part}.server.tls.secretRef.name`, kinds.secret),
      leads(store, `${part}.server.tls.caCertConfigMapRef.name`, kinds.configMap),
    ]),
    leads(store, `${registry}.persistence.file.path`, "uri"),
    leads(store, "spec.services.registry.remote.feastRef", store),
    leads(store, "spec.services.registry.remote.tls.configMapRef.name", kinds.configMap),
    leads(store, "spec.services.ui.tls.secretRef.name", kinds.secret),
    leads(store, "spec.authz.oidc.secretRef.name", kinds.secret),
    leads(store, "spec.batchEngine.configMapRef.name", kinds.configMap),
    leads(store, "spec.feastProjectDir.git.url", "uri"),
  ],
  references: podsAt([
    { of: store, path: "spec.services" }, // volumes of all its pods
    { of: store, path: "spec.feastProjectDir.git", as: "container" },
    { of: store, path: "spec.services.ui", as: "container" },
    { of: store, path: "spec.cronJob.containerConfigs", as: "container" },
    ...parts.map((part) => ({ of: store, path: `${part}.server`, as: "container" as const })),
  ]),
  rows: [{ of: store, hosts: hostsOfStores }],
  readiness: (object) => (isKind(object, store) ? condition(object, "FeatureStore") : undefined),
  restoreRules: [
    startsClean("feast", [store], "it names the services of the old cluster"),
    {
      id: "feast-definitions-kept",
      kinds: [store],
      why: "applied again from a branch, newer definitions would change the registry that came back",
      change: keepDefinitions,
    },
    {
      id: "feast-cron-job-suspended",
      kinds: [store],
      why: "nothing runs by itself after a restore",
      change: suspendCronJob,
    },
  ],
  order: [
    {
      kind: store,
      after: [kinds.secret, kinds.configMap, kinds.claim],
      why: "it makes an empty registry where it finds none",
    },
  ],
};

/** Of stores in databases: a key of a Secret holds the settings of one, named by its type where nothing else is said. */
function hostsOfStores(object: KubeObject, all: ObjectSet): readonly unknown[] {
  return parts.flatMap((part) =>
    valuesAt(object, `${part}.persistence.store`).flatMap((one: any) => {
      const text = secretText(object, all, one.secretRef?.name, one.secretKeyName ?? one.type);
      return ["host", "path", "connection_string"].flatMap((field) => valuesAt({ text }, `text | yaml.${field}`));
    }),
  );
}

/** Only a registry that came back with its data can do without. */
function keepDefinitions(object: KubeObject): KubeObject {
  const { services, feastProjectDir } = object.spec ?? {};
  const ref: unknown = feastProjectDir?.git?.ref;
  const pinned = typeof ref === "string" && /^[0-9a-f]{40}$/.test(ref);
  const lasting =
    valuesAt(object, `${registry}.persistence.store`).length > 0 ||
    valuesAt(object, `${registry}.persistence.file.pvc`).length > 0;
  if (!feastProjectDir?.git || pinned || !lasting || services.runFeastApplyOnInit === false) return object;
  noted(object, "run-feast-apply-on-init", String(services.runFeastApplyOnInit ?? true));
  services.runFeastApplyOnInit = false;
  return object;
}

function suspendCronJob(object: KubeObject): KubeObject {
  const job = object.spec?.cronJob;
  if (!job || job.suspend === true) return object;
  job.suspend = true;
  return noted(object, "cron-job-suspend", "false");
}
