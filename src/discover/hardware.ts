import { toFault } from "../base/fault.ts";
import type { Hardware } from "../flow/hardware.ts";
import type { Unreached } from "../flow/inventory.ts";
import { type ApiResource, type KubeObject, resourceName } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { collectDevices, type Look } from "../plan/hardware/collect.ts";
import { nodeGroups } from "../plan/hardware/nodes.ts";
import { workloadUses } from "../plan/hardware/workloads.ts";
import type { ObjectSet } from "../profiles/object-set.ts";
import { chosenLabels, labelsChosenBy } from "../profiles/node-labels.ts";

/** More than this are pods of the same few workloads, and a look at each takes its time. */
const mostPods = 5000;

/**
 * What the applications ran on: asked of a target long before a disaster (`holdfast preflight`), it says what is missing there.
 * What the caller may not read is said; nodes and devices are no part of what is restored.
 */
export async function readHardware(
  client: KubeClient,
  served: readonly ApiResource[],
  all: ObjectSet,
): Promise<{ hardware: Hardware; unreached: readonly Unreached[] }> {
  const unreached: Unreached[] = [];
  const kinds = new Map(served.map((one) => [one.group ? `${one.kind}.${one.group}` : one.kind, one]));
  const look: Look = async (kind, see) => {
    const resource = kinds.get(kind);
    if (!resource) return true;
    try {
      for await (const { object } of client.list(resource)) see(object);
      return true;
    } catch (error) {
      const { code, message } = toFault(error, "KUBE");
      if (code === "NOT_FOUND") return true; // its definition was removed a moment ago
      if (code !== "FORBIDDEN") throw error;
      unreached.push({ kind: "hardware", what: resourceName(resource), by: "", because: message });
      return false;
    }
  };
  const labels = new Set(chosenLabels(all));
  const workloads = workloadUses(podsOf(all, labels), all.byUid);
  const groups = nodeGroups(new Set(workloads.flatMap((one) => one.nodes)), labels);
  const [hasNodes, devices] = await Promise.all([look("Node", groups.add), collectDevices(look)]);
  return { hardware: { ...(hasNodes ? { nodes: groups.groups() } : {}), workloads, ...devices }, unreached };
}

/** Each is looked at once; what it chooses nodes by is put to `labels`. */
function* podsOf(all: ObjectSet, labels: Set<string>): Iterable<KubeObject> {
  let count = 0;
  for (const pod of all.ofKind("", "Pod")) {
    if (++count > mostPods) return;
    for (const label of labelsChosenBy(pod.spec ?? {})) labels.add(label);
    yield pod;
  }
}
