import { toFault } from "../base/fault.ts";
import type { Unreached } from "../flow/inventory.ts";
import type { ApiResource, KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";

/** Reads cluster-scoped objects as far as the caller may; what it may not is remembered, not passed over. */
export interface Reader {
  clusterScoped(group: string, kind: string): ApiResource | undefined;
  find(resource: ApiResource, name: string): Promise<KubeObject | undefined>;
  list(resource: ApiResource): Promise<readonly KubeObject[]>;
  unreached(): readonly Unreached[];
}

export function openReader(client: KubeClient, served: readonly ApiResource[]): Reader {
  const kinds = new Map(served.filter((one) => !one.namespaced).map((one) => [`${one.kind}.${one.group}`, one]));
  const refused = new Map<string, Unreached>();

  /** A caller of one namespace may not read the cluster's objects: it does without them. */
  async function orNothing<T>(resource: ApiResource, answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      const fault = toFault(error, "KUBE");
      if (fault.code === "NOT_FOUND") return undefined;
      if (fault.code !== "FORBIDDEN") throw fault;
      const what = resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
      refused.set(what, { kind: "cluster-resource", what, by: "", because: fault.message });
      return undefined;
    }
  }

  return {
    clusterScoped: (group, kind) => kinds.get(`${kind}.${group}`),
    find: (resource, name) => orNothing(resource, client.find(resource, name)),
    list: async (resource) => (await orNothing(resource, listAll(client, resource))) ?? [],
    unreached: () => [...refused.values()],
  };
}

async function listAll(client: KubeClient, resource: ApiResource): Promise<readonly KubeObject[]> {
  const objects: KubeObject[] = [];
  for await (const item of client.list(resource)) objects.push(item.object);
  return objects;
}
