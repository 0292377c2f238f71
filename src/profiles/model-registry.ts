import type { KubeObject } from "../flow/object.ts";
import type { Database } from "../flow/inventory.ts";
import type { ObjectList } from "../flow/object-list.ts";
import { startsClean } from "./clean-start.ts";
import { databaseOfPod } from "./database.ts";
import { condition } from "./generic/readiness.ts";
import { podsOfService } from "./generic/references.ts";
import { serviceOfHost } from "./hosts.ts";
import { isKind, kinds } from "./kinds.ts";
import { type ObjectSet, oncePerSet } from "./object-set.ts";
import type { GroupKind, NotRestored, Profile, Readiness, Reference } from "./profile.ts";

const catalog: GroupKind = { group: "aihub.opendatahub.io", kind: "Catalog" };

/** The registry that says which model is in production. All its state is rows of a database. */
export const modelRegistry: Profile = {
  name: "model-registry",
  about: {
    is: "Model registries and their databases.",
    left: "The registry's Deployment, Services and routes; the model catalog, which the platform makes.",
    keeps: "The rows: the database's volume and its password.",
    status: "It starts clean.",
  },
  kinds: [kinds.modelRegistry, catalog],
  references,
  children: platformChild,
  rows: [{ of: kinds.modelRegistry, hosts: hostsOfRows }],
  databases: (all) => registriesOf(all).flatMap((registry) => databasesOfRegistry(registry, all)),
  readiness,
  restoreRules: [
    startsClean("registry", [kinds.modelRegistry, catalog], "its hosts and its readiness are those of the old cluster"),
    {
      id: "generated-database-host",
      kinds: [kinds.modelRegistry],
      why: "with a generated database the operator writes the host into the spec, and then refuses a new object that has it",
      change: forgetGeneratedHost,
    },
  ],
  order: [
    {
      kind: kinds.modelRegistry,
      after: [kinds.secret, kinds.configMap, kinds.service, kinds.claim, kinds.deployment, kinds.statefulSet],
      why: "its server migrates the database when it starts, and must find the restored one",
    },
  ],
};

export function registriesOf(all: ObjectSet): ObjectList {
  return all.ofKind("modelregistry.opendatahub.io", "ModelRegistry");
}

/** The pods that run the registry's server: those of its Deployment. */
export function registryPodsOf(registry: KubeObject, all: ObjectSet): readonly KubeObject[] {
  const { namespace, name } = registry.metadata;
  return all
    .withLabels("", "Pod", namespace ?? "", { app: name })
    .filter((pod) => pod.metadata.labels?.component !== "model-catalog" && pod.status?.phase === "Running");
}

/** Of a database that the operator makes, a host is what the operator wrote there. */
function hostsOfRows({ spec = {} }: KubeObject): readonly unknown[] {
  const settings = spec.mysql ?? spec.postgres;
  return settings?.generateDeployment ? [] : [settings?.host];
}

function references(object: KubeObject): readonly Reference[] {
  if (!isKind(object, kinds.modelRegistry)) return [];
  const { namespace = "", name } = object.metadata;
  const found: Reference[] = [];
  for (const engine of ["mysql", "postgres"] as const) {
    const settings = object.spec?.[engine];
    if (!settings) continue;
    const service = serviceOfHost(settings.host, namespace);
    if (service)
      found.push({
        to: { ...kinds.service, ...service },
        kind: "needs",
        rule: `modelRegistry.${engine}.host`,
        optional: service.namespace !== namespace,
      });
    if (settings.generateDeployment) {
      const generated = { kind: "stores" as const, rule: "modelRegistry.generateDeployment", optional: true };
      found.push({ to: { ...kinds.claim, namespace, name: `${name}-postgres-storage` }, ...generated });
      found.push({ to: { ...kinds.secret, namespace, name: `${name}-postgres-credentials` }, ...generated });
    }
  }
  found.push(...namedSecrets(object.spec, namespace, "modelRegistry"));
  return found;
}

/** Fields like passwordSecret{name,key}, sslRootCertificateConfigMap{name,key}, tlsCertificateSecret{name,key}, wherever they lie. */
function namedSecrets(node: unknown, namespace: string, path: string): readonly Reference[] {
  if (node === null || typeof node !== "object" || Array.isArray(node)) return [];
  return Object.entries(node).flatMap(([field, value]) => {
    const rule = `${path}.${field}`;
    const name = (value as any)?.name;
    if (field.endsWith("Secret") && name)
      return [{ to: { ...kinds.secret, namespace, name }, kind: "reads" as const, rule }];
    if (field.endsWith("ConfigMap") && name)
      return [{ to: { ...kinds.configMap, namespace, name }, kind: "reads" as const, rule }];
    return namedSecrets(value, namespace, rule);
  });
}

/** What people add to the catalog: state, beside the platform's own objects. */
const catalogSources = new Set(["model-catalog-sources", "mcp-catalog-sources", "agent-catalog-sources"]);

/** Kinds that the generic rules speak of. */
const derived = new Set(["Pod", "ReplicaSet", "Endpoints", "EndpointSlice"]);

/** The model catalog lives in the registries' namespace and belongs to the platform, its volume too. */
export function platformChild(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  if (!isCatalog(object, all) || catalogSources.has(object.metadata.name)) return undefined;
  if (derived.has(object.kind)) return undefined;
  if (
    all.get({ ...kinds.modelRegistry, namespace: object.metadata.namespace, name: object.metadata.labels?.app ?? "" })
  )
    return undefined;
  return {
    rule: "platform-owned",
    reason: "the model catalog belongs to the platform, whose operator makes and keeps it",
  };
}

/** By the operator's labels; or by name, in a namespace of registries or of the catalog: elsewhere a name says nothing. */
function isCatalog(object: KubeObject, all: ObjectSet): boolean {
  const { name, namespace } = object.metadata;
  if (!namespace) return false;
  if (isLabelled(object)) return true;
  return /^(model-catalog|default-catalog|default-model-catalog)(-|$)/.test(name) && catalogHomes(all).has(namespace);
}

function isLabelled({ metadata: { labels = {} } }: KubeObject): boolean {
  return labels.component === "model-catalog" || labels["app.kubernetes.io/component"] === "model-catalog";
}

const catalogHomes = oncePerSet((all): ReadonlySet<string | undefined> => {
  const servers = [...all.ofKind("apps", "Deployment")].filter(
    (one) => one.metadata.name === "model-catalog" && isLabelled(one),
  );
  return new Set([...registriesOf(all), ...servers].map((one) => one.metadata.namespace));
});

/** What the registry's own settings know of its database: the account and the name. The database profile finds the pod too. */
function databasesOfRegistry(registry: KubeObject, all: ObjectSet): readonly Database[] {
  const { mysql, postgres } = registry.spec ?? {};
  const settings = mysql ?? postgres;
  const service = serviceOfHost(settings?.host, registry.metadata.namespace ?? "");
  const object = service && all.get({ ...kinds.service, ...service });
  if (!object) return [];
  const { username, passwordSecret, database } = settings;
  // The password's Secret is the registry's; a database elsewhere has it in another namespace.
  const near = service.namespace === registry.metadata.namespace && username && passwordSecret?.name;
  return podsOfService(object, all).flatMap((pod) => {
    const known = databaseOfPod(pod, all);
    if (!known) return [];
    return [
      {
        ...known,
        accounts: near
          ? [...known.accounts, { user: username, secret: passwordSecret.name, key: passwordSecret.key }]
          : known.accounts,
        databases: database ? [...new Set([...known.databases, database])] : known.databases,
      },
    ];
  });
}

function readiness(object: KubeObject): Readiness | undefined {
  return isKind(object, kinds.modelRegistry) ? condition(object, "Available") : undefined;
}

function forgetGeneratedHost(registry: KubeObject): KubeObject {
  const postgres = registry.spec?.postgres;
  if (postgres?.generateDeployment) {
    delete postgres.host;
    delete postgres.hostAddress;
  }
  return registry;
}
