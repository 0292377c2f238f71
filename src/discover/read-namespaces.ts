import pLimit from "p-limit";
import { toFault } from "../base/fault.ts";
import type { Unreached } from "../flow/inventory.ts";
import type { Keep } from "../flow/kept.ts";
import { type ApiResource, resourceName } from "../flow/object.ts";
import { isUnconverted } from "../kube/api-error.ts";
import type { KubeClient, ListItem } from "../kube/contract.ts";
import { type Found, foundBy } from "./found.ts";

/** Lists in flight at once: enough to hide latency, too few to get in the way of others. */
const inFlight = 8;
/** Kept together, so that they lie together, and not between those of other lists: they are read together. */
const atOnce = 64;

/** Every object of every kind in the namespaces. What may not be read is said, not passed over. */
export async function readNamespaces(
  client: KubeClient,
  resources: readonly ApiResource[],
  namespaces: readonly string[],
  keep: Keep,
): Promise<{ found: readonly Found[]; unreached: readonly Unreached[] }> {
  const limit = pLimit(inFlight);
  const lists = namespaces.flatMap((namespace) =>
    resources.map((resource) => limit(() => readKind(client, resource, namespace, keep))),
  );
  try {
    const answers = await Promise.all(lists);
    return { found: answers.flatMap((one) => one.found), unreached: answers.flatMap((one) => one.unreached ?? []) };
  } finally {
    limit.clearQueue(); // the first failure ends the rest
  }
}

async function readKind(
  client: KubeClient,
  resource: ApiResource,
  namespace: string,
  keep: Keep,
): Promise<{ found: readonly Found[]; unreached?: Unreached }> {
  const found: Found[] = [];
  let some: ListItem[] = [];
  const keepSome = () => {
    for (const { object, whole } of some) found.push(foundBy(keep, resource, object, undefined, whole));
    some = [];
  };
  try {
    for await (const item of client.list(resource, { namespace })) {
      if (some.push(item) === atOnce) keepSome();
    }
    keepSome();
    return { found };
  } catch (error) {
    const fault = toFault(error, "KUBE");
    if (fault.code === "NOT_FOUND") return { found: [] }; // its CRD was removed a moment ago
    const kind = fault.code === "FORBIDDEN" ? "resource" : isUnconverted(fault) ? "silent-resource" : undefined;
    if (!kind) throw fault;
    const what = `${resourceName(resource)} in ${namespace}`;
    return { found: [], unreached: { kind, what, by: "", because: fault.message } };
  }
}
