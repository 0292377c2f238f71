import { toFault } from "../base/fault.ts";
import { type ApiResource, type KubeObject, type ObjectRef, refKey } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { crds, namespaces as namespaceResource, snapshotClasses } from "../kube/well-known.ts";
import { referencesOf } from "../profiles/index.ts";
import { objectSet } from "../profiles/object-set.ts";
import type { Found } from "./found.ts";

/** Cluster-scoped objects that the namespaces lean on, and why each is in. */
export async function readClusterObjects(
  client: KubeClient,
  served: readonly ApiResource[],
  namespaces: readonly string[],
  inNamespaces: readonly Found[],
): Promise<readonly Found[]> {
  const reader = clusterReader(client, served);
  for (const name of namespaces) await reader.add(namespaceResource, name, "namespace in scope");
  for (const resource of kindsWithGroup(inNamespaces)) await reader.add(crds, crdName(resource), definesKind(resource));
  for (const binding of await bindingsOf(client, served, namespaces)) reader.take(binding);
  // What is reached may reach further (a binding its role, a volume its class), so go on until nothing is new.
  for (let fresh: readonly Found[] = [...inNamespaces, ...reader.taken()]; fresh.length > 0; ) {
    const before = reader.taken().length;
    const all = objectSet([...inNamespaces, ...reader.taken()].map((one) => one.object));
    for (const { object } of fresh) {
      for (const reference of referencesOf(object, all)) await reader.follow(reference.to, reference.rule);
    }
    fresh = reader.taken().slice(before);
  }
  for (const resource of kindsWithGroup(reader.taken()))
    await reader.add(crds, crdName(resource), definesKind(resource));
  for (const found of await snapshotClassesOf(client, served, reader.taken())) reader.take(found);
  return reader.taken();
}

/** Reads each object once, however often it is named. */
function clusterReader(client: KubeClient, served: readonly ApiResource[]) {
  const clusterScoped = new Map(
    served.filter((one) => !one.namespaced).map((one) => [`${one.kind}.${one.group}`, one]),
  );
  const asked = new Set<string>();
  const taken: Found[] = [];

  async function add(resource: ApiResource, name: string, because: string): Promise<void> {
    const key = refKey({ group: resource.group, kind: resource.kind, name });
    if (asked.has(key)) return;
    asked.add(key);
    const object = await readable(client.find(resource, name));
    if (object) taken.push({ resource, object, because });
  }

  return {
    add,
    async follow(to: ObjectRef, rule: string): Promise<void> {
      const resource = to.namespace ? undefined : clusterScoped.get(`${to.kind}.${to.group}`);
      if (resource) await add(resource, to.name, rule);
    },
    take(found: Found): void {
      const key = refKey({ group: found.resource.group, kind: found.resource.kind, name: found.object.metadata.name });
      if (!asked.has(key)) taken.push(found);
      asked.add(key);
    },
    taken: (): readonly Found[] => taken,
  };
}

/** Kinds that may come from a CRD; for those that do not, there is none to find. */
function kindsWithGroup(found: readonly Found[]): readonly ApiResource[] {
  const kinds = new Map(found.map((one) => [`${one.resource.plural}.${one.resource.group}`, one.resource]));
  return [...kinds.values()].filter((one) => one.group !== "");
}

function crdName(resource: ApiResource): string {
  return `${resource.plural}.${resource.group}`;
}

function definesKind(resource: ApiResource): string {
  return `defines ${resource.kind}, of which there are objects`;
}

/** ClusterRoleBindings that give rights to ServiceAccounts of the namespaces. */
async function bindingsOf(
  client: KubeClient,
  served: readonly ApiResource[],
  namespaces: readonly string[],
): Promise<readonly Found[]> {
  const resource = served.find((one) => one.kind === "ClusterRoleBinding" && one.group === "rbac.authorization.k8s.io");
  if (!resource) return [];
  const scope = new Set(namespaces);
  const groups = new Set(namespaces.map((name) => `system:serviceaccounts:${name}`));
  const found: Found[] = [];
  for (const object of await listAll(client, resource)) {
    const subjects: any[] = object.subjects ?? [];
    const names = subjects.some(
      (one) =>
        (one.kind === "ServiceAccount" && scope.has(one.namespace)) || (one.kind === "Group" && groups.has(one.name)),
    );
    if (names && !object.metadata.labels?.["holdfast.dev/run"])
      found.push({ resource, object, because: "gives rights to a ServiceAccount of the namespaces" });
  }
  return found;
}

/** Snapshot classes of the drivers whose volumes are used. */
async function snapshotClassesOf(
  client: KubeClient,
  served: readonly ApiResource[],
  taken: readonly Found[],
): Promise<readonly Found[]> {
  const resource = served.find((one) => one.kind === snapshotClasses.kind && one.group === snapshotClasses.group);
  if (!resource) return [];
  const drivers = new Set(taken.flatMap((one) => one.object.spec?.csi?.driver ?? []));
  const classes = drivers.size > 0 ? await listAll(client, resource) : [];
  return classes
    .filter((one) => drivers.has(one.driver))
    .map((object) => ({ resource, object, because: `snapshots of volumes of ${object.driver}` }));
}

async function listAll(client: KubeClient, resource: ApiResource): Promise<readonly KubeObject[]> {
  const objects: KubeObject[] = [];
  await readable(
    (async () => {
      for await (const item of client.list(resource)) objects.push(item.object);
    })(),
  );
  return objects;
}

/** A namespaced caller (a BackupPlan's) may not read the cluster's objects: it does without them. */
async function readable<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const fault = toFault(error, "KUBE");
    if (fault.code === "FORBIDDEN" || fault.code === "NOT_FOUND") return undefined;
    throw fault;
  }
}
