import type { KubeObject } from "../flow/object.ts";
import { objectsOf } from "../kube/objects.ts";
import { nodes as nodeResource, snapshotClasses } from "../kube/well-known.ts";
import type { CapacityFact, NodeFact } from "../plan/preflight/facts.ts";
import { registryOf } from "../plan/preflight/image-names.ts";
import { type FactReader, servedAs } from "./fact-reader.ts";

/** Nodes, and what lies on them: names and digests of images, and the registries that these came from. */
export async function readNodes({ client }: FactReader): Promise<{
  readonly nodes: readonly NodeFact[];
  readonly images: ReadonlySet<string>;
  readonly registries: ReadonlySet<string>;
}> {
  const nodes: NodeFact[] = [];
  const images = new Set<string>();
  const registries = new Set<string>();
  for await (const { object } of client.list(nodeResource)) {
    const { metadata, spec = {}, status = {} } = object;
    nodes.push({
      name: metadata.name,
      ready: (status.conditions ?? []).some((one: any) => one.type === "Ready" && one.status === "True"),
      unschedulable: spec.unschedulable === true,
      ...archOf(object),
      labels: metadata.labels ?? {},
      taints: spec.taints ?? [],
      allocatable: status.allocatable ?? {},
    });
    for (const name of (status.images ?? []).flatMap((one: any) => one.names ?? [])) {
      images.add(name);
      registries.add(registryOf(name));
    }
  }
  return { nodes, images, registries };
}

function archOf({ metadata, status }: KubeObject): { arch?: string } {
  const arch: string | undefined = status?.nodeInfo?.architecture || metadata.labels?.["kubernetes.io/arch"];
  return arch ? { arch } : {};
}

const storage = (plural: string) => ({ group: "storage.k8s.io", version: "v1", plural });

export async function readDrivers({ client }: FactReader): Promise<{
  readonly known: ReadonlySet<string>;
  readonly onNodes: ReadonlySet<string>;
}> {
  const [drivers, nodes] = await Promise.all([
    objectsOf(client, storage("csidrivers")),
    objectsOf(client, storage("csinodes")),
  ]);
  return {
    known: new Set(drivers.map((one) => one.metadata.name)),
    onNodes: new Set(nodes.flatMap((one) => (one.spec?.drivers ?? []).map((driver: any) => driver.name))),
  };
}

export async function readSnapshotDrivers(reader: FactReader): Promise<ReadonlySet<string>> {
  if (!servedAs(reader, "snapshot.storage.k8s.io", "VolumeSnapshotClass")) return new Set();
  return new Set((await objectsOf(reader.client, snapshotClasses)).map((one) => one.driver));
}

export async function readCapacities({ client, served }: FactReader): Promise<readonly CapacityFact[]> {
  if (!served.has("CSIStorageCapacity.storage.k8s.io")) return [];
  const objects = await objectsOf(client, { ...storage("csistoragecapacities"), namespaced: true });
  return objects.map(({ storageClassName, capacity, maximumVolumeSize }) => ({
    storageClass: storageClassName,
    ...(capacity === undefined ? {} : { capacity }),
    ...(maximumVolumeSize === undefined ? {} : { maximumVolumeSize }),
  }));
}
