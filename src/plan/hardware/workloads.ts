import type { WorkloadUse } from "../../flow/hardware.ts";
import { type KubeObject, refKey, refOf } from "../../flow/object.ts";
import { requestsOf } from "../preflight/pods.ts";

/** Deeper than any chain of owners: InferenceService, Deployment, ReplicaSet, Pod. */
const deepest = 8;

/** What ran: pods that are on a node, equal ones of one workload together. `find` gives the object of a uid. */
export function workloadUses(pods: Iterable<KubeObject>, find: (uid: string) => KubeObject | undefined): WorkloadUse[] {
  const topOwner = topOwners(find);
  const uses = new Map<string, { use: Omit<WorkloadUse, "pods" | "nodes">; pods: number; nodes: Set<string> }>();
  for (const pod of pods) {
    const { spec = {}, status = {} } = pod;
    if (!spec.nodeName || status.phase === "Succeeded" || status.phase === "Failed") continue;
    const use = { by: topOwner(pod), ...partOf(pod) };
    const key = JSON.stringify(use);
    const same = uses.get(key) ?? { use, pods: 0, nodes: new Set<string>() };
    same.pods++;
    same.nodes.add(spec.nodeName);
    uses.set(key, same);
  }
  return [...uses.values()].map(({ use, pods: count, nodes }) => ({ ...use, pods: count, nodes: [...nodes].sort() }));
}

function partOf({ spec = {}, status = {} }: KubeObject): Pick<WorkloadUse, "devices" | "images" | "runtimeClass"> {
  const devices = [...requestsOf(spec)].filter(([name]) => name.includes("/"));
  const statuses: any[] = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return {
    devices: Object.fromEntries(devices.map(([name, amount]) => [name, String(amount)]).sort()),
    images: statuses.flatMap(({ image, imageID }) => (image ? [{ image, id: digestIn(imageID ?? "") }] : [])),
    ...(spec.runtimeClassName ? { runtimeClass: spec.runtimeClassName } : {}),
  };
}

/** "docker-pullable://quay.io/a@sha256:..." and "quay.io/a@sha256:..." are the same. */
function digestIn(imageId: string): string {
  return /sha256:[0-9a-f]{64}/.exec(imageId)?.[0] ?? imageId;
}

/** As far as the owners are known; the last one by its name where it is not. Pods of one owner are asked for once. */
function topOwners(find: (uid: string) => KubeObject | undefined): (object: KubeObject) => string {
  const known = new Map<string, string>(); // by uid of the first owner
  const topOf = (object: KubeObject, depth: number): string => {
    const { ownerReferences, namespace } = object.metadata;
    const owner = ownerReferences?.find((one) => one.controller) ?? ownerReferences?.[0];
    if (!owner || depth > deepest) return refKey(refOf(object));
    const before = known.get(owner.uid);
    if (before) return before;
    const group = owner.apiVersion.includes("/") ? (owner.apiVersion.split("/")[0] ?? "") : "";
    const above = find(owner.uid);
    const key = above
      ? topOf(above, depth + 1)
      : refKey({ group, kind: owner.kind, ...(namespace ? { namespace } : {}), name: owner.name });
    known.set(owner.uid, key);
    return key;
  };
  return (object) => topOf(object, 0);
}
