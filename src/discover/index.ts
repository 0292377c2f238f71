import { Fault, toFault } from "../base/fault.ts";
import type { Progress } from "../base/progress.ts";
import { openShelf } from "../base/shelf.ts";
import type { Inventory, Unreached } from "../flow/inventory.ts";
import { type Keep, keepOn } from "../flow/kept.ts";
import type { ApiResource } from "../flow/object.ts";
import type { Selector } from "../flow/selector.ts";
import type { KubeClient } from "../kube/contract.ts";
import { namespaces as namespaceResource } from "../kube/well-known.ts";
import { databasesOf } from "../profiles/index.ts";
import { objectSet } from "../profiles/object-set.ts";
import { assemble } from "./assemble.ts";
import { probeBuckets } from "./bucket-probe.ts";
import type { Found } from "./found.ts";
import { readHardware } from "./hardware.ts";
import { readClusterObjects } from "./read-cluster.ts";
import { readNamespaces } from "./read-namespaces.ts";
import { pipelineFacts } from "./pipeline-rows.ts";
import { usesOfRuns } from "./pipeline-uses.ts";
import { registryFacts } from "./registry.ts";
import { readableResources } from "./resources.ts";

export interface Scope {
  readonly namespaces: readonly string[];
  /** Cluster-scoped objects beside those that the namespaces lean on. */
  readonly clusterResources?: Selector;
  /** Asks the buckets whether anything is where references lead. A backup need not: it lists them anyway. */
  readonly probe?: boolean;
}

/** Stage "discover": reads what exists in the namespaces and what it leans on. Writes nothing. `keep`: where objects lie. */
export async function discover(
  client: KubeClient,
  scope: Scope,
  progress: Progress,
  keep: Keep = keepOn(openShelf()),
): Promise<Inventory> {
  const namespaces = [...new Set(scope.namespaces)];
  if (namespaces.length === 0) throw new Fault("USAGE", "no namespace to look at", { hint: "name at least one" });
  const takenAt = new Date().toISOString();
  const silent: string[] = [];
  const [uid, version, served] = await Promise.all([
    clusterUid(client),
    client.version(),
    client.resources((groupVersion) => silent.push(groupVersion)),
  ]);
  for (const name of namespaces) await requireNamespace(client, name);

  const resources = readableResources(served);
  progress.stage("Discover", `${resources.length} kinds in ${namespaces.join(", ")}`);
  const { found, unreached } = await readNamespaces(client, resources, namespaces, keep);
  const cluster = await readClusterObjects(client, served, { ...scope, namespaces }, found, keep);
  const all = [...found, ...cluster.found];
  const everything = objectSet(all.map((one) => one.kept));
  const [{ uses, rows: registries }, pipelines, { hardware, unreached: unseen }] = await Promise.all([
    registryFacts(client, everything, progress),
    pipelineFacts(client, everything, databasesOf(everything), progress),
    readHardware(client, served, everything),
  ]);
  const inventory = assemble({
    takenAt,
    cluster: { uid, version },
    namespaces,
    resources: [...resources, ...resourcesOf(cluster.found)],
    found: all,
    unreached: [...silent.map(silentGroup), ...unreached, ...cluster.unreached, ...unseen],
    uses: [...uses, ...usesOfRuns(everything, pipelines)],
    registries,
    pipelines,
    hardware,
  });
  progress.note(
    `${inventory.objects.length} objects, ${inventory.volumes.length} volumes, ${inventory.databases.length} databases, ${inventory.buckets.length} buckets`,
  );
  return scope.probe ? { ...inventory, ...(await probeBuckets(client, inventory)) } : inventory;
}

/** An APIService whose server is down: nobody can read what it has. All else is taken all the same. */
function silentGroup(what: string): Unreached {
  return { kind: "silent-resource", what, by: "", because: `the API group ${what} does not answer` };
}

/** The uid of kube-system stays as long as the cluster does. */
async function clusterUid(client: KubeClient): Promise<string> {
  const { metadata } = await client.get(namespaceResource, "kube-system");
  return metadata.uid ?? "";
}

/** Fault NOT_FOUND for a namespace that is not there. */
export async function requireNamespace(client: KubeClient, name: string): Promise<void> {
  const known = await client.find(namespaceResource, name).catch((error) => {
    const fault = toFault(error, "KUBE");
    if (fault.code === "FORBIDDEN") return true; // a caller of one namespace may not see it as an object
    throw fault;
  });
  if (known) return;
  throw new Fault("NOT_FOUND", `namespace ${name} does not exist in ${client.context || client.server}`, {
    subject: name,
    hint: "kubectl get namespaces",
  });
}

function resourcesOf(found: readonly Found[]): readonly ApiResource[] {
  return [...new Map(found.map((one) => [`${one.resource.plural}.${one.resource.group}`, one.resource])).values()];
}
