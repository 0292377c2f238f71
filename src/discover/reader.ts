import { toFault } from "../base/fault.ts";
import type { Unreached } from "../flow/inventory.ts";
import type { Keep } from "../flow/kept.ts";
import { type ApiResource, type KubeObject, resourceName } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { type Found, foundBy } from "./found.ts";

/** Reads cluster-scoped objects as far as the caller may; what it may not is remembered, not passed over. */
export interface Reader {
  clusterScoped(group: string, kind: string): ApiResource | undefined;
  find(resource: ApiResource, name: string, because: string): Promise<Found | undefined>;
  /** Those that `because` gives a reason for. */
  list(resource: ApiResource, because: (object: KubeObject) => string | undefined): Promise<readonly Found[]>;
  unreached(): readonly Unreached[];
}

export function openReader(client: KubeClient, served: readonly ApiResource[], keep: Keep): Reader {
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
      const what = resourceName(resource);
      refused.set(what, { kind: "cluster-resource", what, by: "", because: fault.message });
      return undefined;
    }
  }

  async function listChosen(
    resource: ApiResource,
    because: (object: KubeObject) => string | undefined,
  ): Promise<readonly Found[]> {
    const found: Found[] = [];
    for await (const { object } of client.list(resource)) {
      const reason = because(object);
      if (reason) found.push(foundBy(keep, resource, object, reason));
    }
    return found;
  }

  return {
    clusterScoped: (group, kind) => kinds.get(`${kind}.${group}`),
    async find(resource, name, because) {
      const object = await orNothing(resource, client.find(resource, name));
      return object && foundBy(keep, resource, object, because);
    },
    list: async (resource, because) => (await orNothing(resource, listChosen(resource, because))) ?? [],
    unreached: () => [...refused.values()],
  };
}
