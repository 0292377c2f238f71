import type { Unreached } from "../flow/inventory.ts";
import type { Keep } from "../flow/kept.ts";
import { type ApiResource, type ObjectRef, refKey } from "../flow/object.ts";
import type { Selector } from "../flow/selector.ts";
import type { KubeClient } from "../kube/contract.ts";
import { crds, namespaces as namespaceResource } from "../kube/well-known.ts";
import { referencesOf } from "../profiles/index.ts";
import { objectSet } from "../profiles/object-set.ts";
import { bindingsOf, chosenOf, platformOf, snapshotClassesOf, webhooksOf } from "./cluster-lists.ts";
import type { Found } from "./found.ts";
import { type Reader, openReader } from "./reader.ts";

/** Cluster-scoped objects that the namespaces lean on, and why each is in. */
export async function readClusterObjects(
  client: KubeClient,
  served: readonly ApiResource[],
  { namespaces, clusterResources }: { readonly namespaces: readonly string[]; readonly clusterResources?: Selector },
  inNamespaces: readonly Found[],
  keep: Keep,
): Promise<{ found: readonly Found[]; unreached: readonly Unreached[] }> {
  const reader = openReader(client, served, keep);
  const collected = collector(reader);
  for (const name of namespaces) await collected.add(namespaceResource, name, "namespace in scope");
  await addDefinitions(collected, inNamespaces);
  for (const binding of await bindingsOf(reader, namespaces)) collected.take(binding);
  for (const found of await platformOf(reader)) collected.take(found);
  for (const found of await chosenOf(reader, served, clusterResources)) collected.take(found);
  // What is reached may reach further (a binding its role, a volume its class), so go on until nothing is new.
  for (let fresh: readonly Found[] = [...inNamespaces, ...collected.found()]; fresh.length > 0; ) {
    const before = collected.found().length;
    const all = objectSet([...inNamespaces, ...collected.found()].map((one) => one.kept));
    for (const { kept, isLeaf } of fresh) {
      if (isLeaf) continue;
      for (const reference of referencesOf(kept.object, all)) await collected.follow(reference.to, reference.rule);
    }
    fresh = collected.found().slice(before);
  }
  await addDefinitions(collected, [...collected.found()]);
  for (const found of await snapshotClassesOf(reader, collected.found())) collected.take(found);
  for (const found of await webhooksOf(reader, inNamespaces, collected.found())) collected.take(found);
  return { found: collected.found(), unreached: reader.unreached() };
}

/** Keeps each object once, however often it is named. */
function collector(reader: Reader) {
  const asked = new Set<string>();
  const found: Found[] = [];

  async function add(resource: ApiResource, name: string, because: string): Promise<void> {
    const key = refKey({ group: resource.group, kind: resource.kind, name });
    if (asked.has(key)) return;
    asked.add(key);
    const one = await reader.find(resource, name, because);
    if (one) found.push(one);
  }

  return {
    add,
    async follow(to: ObjectRef, rule: string): Promise<void> {
      const resource = to.namespace ? undefined : reader.clusterScoped(to.group, to.kind);
      if (resource) await add(resource, to.name, rule);
    },
    take(one: Found): void {
      const key = refKey({ group: one.resource.group, kind: one.resource.kind, name: one.kept.ref.name });
      if (!asked.has(key)) found.push(one);
      asked.add(key);
    },
    found: (): readonly Found[] => found,
  };
}

/** The CRDs of the kinds that have objects. For built-in kinds there is none to find. */
async function addDefinitions(collected: ReturnType<typeof collector>, found: readonly Found[]): Promise<void> {
  const kinds = new Map(found.map((one) => [`${one.resource.plural}.${one.resource.group}`, one.resource]));
  for (const [name, { group, kind }] of kinds) {
    if (group !== "") await collected.add(crds, name, `defines ${kind}, of which there are objects`);
  }
}
