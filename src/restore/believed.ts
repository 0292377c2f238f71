import { type KubeObject, refOf } from "../flow/object.ts";
import type { ResourcePath } from "../kube/contract.ts";
import type { KubeClient } from "../kube/contract.ts";
import { objectsOf } from "../kube/objects.ts";
import { deployments, pods } from "../kube/well-known.ts";
import { readinessOf } from "../profiles/index.ts";
import { endOf } from "../profiles/runs.ts";
import { isOwnStatus } from "./status.ts";

const apps = { group: "apps", version: "v1" };
const workloads: readonly ResourcePath[] = [
  deployments,
  { ...apps, plural: "statefulsets" },
  { ...apps, plural: "daemonsets" },
  pods,
];

/**
 * Ready by what this cluster says, and not by a status that came from the point: its controller wrote it, or, where that found
 * nothing to write, everything that it made here is ready. What had ended asks for nothing.
 */
export async function isBelievedReady(client: KubeClient, live: KubeObject): Promise<boolean> {
  if (readinessOf(live) !== "ready") return false;
  return endOf(live) !== undefined || !isOwnStatus(live) || (await childrenServe(client, live));
}

async function childrenServe(client: KubeClient, owner: KubeObject): Promise<boolean> {
  const { uid } = owner.metadata;
  const { namespace } = refOf(owner);
  const lists = await Promise.all(
    workloads.map((resource) => objectsOf(client, resource, namespace ? { namespace } : {})),
  );
  const children = lists.flat().filter((one) => one.metadata.ownerReferences?.some((each) => each.uid === uid));
  return children.length > 0 && children.every((one) => readinessOf(one) === "ready");
}
