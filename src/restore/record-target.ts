import { toFault } from "../base/fault.ts";
import { type ApiResource, refKey, refOf } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { namespaces as namespaceResource } from "../kube/well-known.ts";
import { judgedElsewhere } from "../plan/preflight/judged-elsewhere.ts";
import type { TargetRecord } from "../plan/preflight/target-record.ts";
import { kindKey, type NamespaceFact } from "../plan/restore-facts.ts";
import { classFacts } from "./facts.ts";
import { lookAtTarget } from "./facts-preflight.ts";
import { unreadNotes } from "./unread.ts";

/** Kinds with very many objects, or made by the cluster itself, that no application leans on by name. */
const notLooked = new Set([
  "Node",
  "CSINode",
  "ResourceSlice",
  "APIService",
  "FlowSchema",
  "VolumeAttachment",
  "Lease",
]);

/** A whole cluster takes longer to look at than what one point needs of it. */
const seconds = 60;

/** Looks at a cluster for the sake of points that are not known yet. Reads only. */
export async function recordTarget(client: KubeClient): Promise<TargetRecord> {
  const unread = unreadNotes();
  const resources = await client.resources(unread.silent);
  const served = new Map(resources.map((one) => [kindKey(one.group, one.kind), one]));
  const [version, namespaces, storageClasses, preflight, { keys, unlisted }] = await Promise.all([
    client.version(),
    unread.unless("namespaces", namespaceFacts(client), new Map<string, NamespaceFact>()),
    unread.unless("StorageClasses", classFacts(client), []),
    lookAtTarget(client, { served, kinds: resources, seconds }),
    clusterKeys(client, resources),
  ]);
  return {
    takenAt: new Date().toISOString(),
    name: client.context,
    version,
    facts: {
      existing: new Map(),
      namespaces,
      storageClasses,
      kinds: new Set(served.keys()),
      bucketClaims: new Map(),
      missingClusterObjects: [],
      missingRights: [],
      clusterObjects: keys,
      preflight: { ...preflight, unread: [...unread.notes(), ...preflight.unread] },
    },
    unlisted,
  };
}

async function namespaceFacts(client: KubeClient): Promise<ReadonlyMap<string, NamespaceFact>> {
  const found = new Map<string, NamespaceFact>();
  for await (const { object } of client.list(namespaceResource)) {
    const { name, labels = {}, annotations = {} } = object.metadata;
    found.set(name, { phase: object.status?.phase ?? "Active", labels, annotations });
  }
  return found;
}

/** refKeys of the cluster-scoped objects that points may lean on, one kind after the other. */
async function clusterKeys(
  client: KubeClient,
  resources: readonly ApiResource[],
): Promise<{ keys: ReadonlySet<string>; unlisted: readonly string[] }> {
  const keys = new Set<string>();
  const unlisted: string[] = [];
  for (const resource of resources) {
    if (resource.namespaced || judgedElsewhere.has(resource.kind) || !resource.verbs.includes("list")) continue;
    const isListed = !notLooked.has(resource.kind) && (await mayList(client, resource, keys));
    if (!isListed) unlisted.push(kindKey(resource.group, resource.kind));
  }
  return { keys, unlisted };
}

async function mayList(client: KubeClient, resource: ApiResource, keys: Set<string>): Promise<boolean> {
  try {
    for await (const { object } of client.list(resource)) keys.add(refKey(refOf(object)));
    return true;
  } catch (error) {
    const fault = toFault(error, "KUBE");
    if (fault.code === "FORBIDDEN" || fault.code === "NOT_FOUND") return false;
    throw fault;
  }
}
