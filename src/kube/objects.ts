import { toFault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient, ResourcePath } from "./contract.ts";

/** A whole list, parsed: for collections that are known to be small. */
export async function objectsOf(
  client: Pick<KubeClient, "list">,
  resource: ResourcePath,
  options?: Parameters<KubeClient["list"]>[1],
): Promise<KubeObject[]> {
  const found: KubeObject[] = [];
  for await (const { object } of client.list(resource, options)) found.push(object);
  return found;
}

/** The same, none where the kind is not served: a cluster without snapshots has no VolumeSnapshots. */
export async function objectsIfServed(...args: Parameters<typeof objectsOf>): Promise<KubeObject[]> {
  try {
    return await objectsOf(...args);
  } catch (error) {
    if (toFault(error).code === "NOT_FOUND") return [];
    throw error;
  }
}
