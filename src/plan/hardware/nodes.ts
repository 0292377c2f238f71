import type { NodeGroup } from "../../flow/hardware.ts";
import type { KubeObject } from "../../flow/object.ts";
import { amountOf } from "../../base/quantity.ts";

/** Names that are kept of a group, beside those where something in scope ran. */
const someNames = 3;

/** Labels that tell of devices and places, with or without the node's own part in front of the slash. */
const telling =
  /(^|\.)(nvidia\.com|amd\.com|intel\.com|habana\.ai|aws\.amazon\.com|google\.com|rdma)\/|^topology\.|^kubernetes\.io\/(arch|os)$|^node\.kubernetes\.io\/instance-type$|^cloud\.google\.com\/gke-(accelerator|tpu|nodepool)|^eks\.amazonaws\.com\/nodegroup$|^karpenter\.sh\/nodepool$|^network\.nvidia\.com\/|^feature\.node\.kubernetes\.io\/(rdma|pci-(10de|15b3|1002|8086|1da3))/;
/** Labels that change by themselves, or say of a running operator what its own status says. */
const passing =
  /gfd\.timestamp$|nvidia\.com\/gpu\.deploy\.|gpu-driver-upgrade|\.config\.state$|topology\.kubernetes\.io\/hostname/;

/** Puts equal nodes together as they come past. `chosenBy`: labels that workloads choose nodes by. */
export function nodeGroups(ran: ReadonlySet<string>, chosenBy: ReadonlySet<string> = new Set()) {
  const groups = new Map<string, { group: Omit<NodeGroup, "count" | "names">; count: number; names: string[] }>();
  return {
    add(node: KubeObject): void {
      const group = describe(node, chosenBy);
      const key = JSON.stringify(group);
      const same = groups.get(key) ?? { group, count: 0, names: [] as string[] };
      const { name } = node.metadata;
      if (ran.has(name) || same.names.length < someNames) same.names.push(name);
      same.count++;
      groups.set(key, same);
    },
    groups: (): NodeGroup[] => [...groups.values()].map(({ group, count, names }) => ({ count, names, ...group })),
  };
}

function describe({ metadata, spec = {}, status = {} }: KubeObject, chosenBy: ReadonlySet<string>) {
  const info = status.nodeInfo ?? {};
  const isTold = (key: string) => chosenBy.has(key) || (telling.test(key) && !passing.test(key));
  const labels = Object.entries(metadata.labels ?? {}).filter(([key]) => isTold(key));
  return {
    labels: Object.fromEntries(labels.sort(([a], [b]) => (a < b ? -1 : 1))),
    taints: (spec.taints ?? []).filter((one: any) => !one.key.startsWith("node.kubernetes.io/")).map(taintOf),
    allocatable: amounts(status.allocatable ?? {}),
    arch: info.architecture ?? metadata.labels?.["kubernetes.io/arch"] ?? "",
    os: info.operatingSystem ?? "",
    image: info.osImage ?? "",
    kernel: info.kernelVersion ?? "",
    runtime: info.containerRuntimeVersion ?? "",
    kubelet: info.kubeletVersion ?? "",
  };
}

/** Without the time at which it was put there. */
function taintOf({ key, value, effect }: { key: string; value?: string; effect: string }) {
  return { key, ...(value ? { value } : {}), effect };
}

/** Nodes of one kind differ by some KiB of memory, which would tell them apart. */
function amounts(allocatable: Record<string, string>): Record<string, string> {
  const kept = Object.entries(allocatable).flatMap(([name, amount]): [string, string][] => {
    if (name === "cpu") return [[name, String(Math.round(amountOf(amount) ?? 0))]];
    if (name === "memory" || name === "ephemeral-storage")
      return [[name, `${Math.round((amountOf(amount) ?? 0) / 2 ** 30)}Gi`]];
    const counts = name.includes("/") || name.startsWith("hugepages-");
    return counts && (amountOf(amount) ?? 0) > 0 ? [[name, amount]] : [];
  });
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}
