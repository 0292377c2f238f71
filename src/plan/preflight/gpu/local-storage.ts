import { amountOf } from "../../../base/quantity.ts";
import { someOf } from "../../../base/some-of.ts";
import type { PodSpec } from "../../../profiles/pod-spec.ts";
import { type Check, gather } from "../check.ts";
import type { NodeFact } from "../facts.ts";
import { isSelected } from "../node-fit.ts";
import { formatAmount } from "../quantity.ts";
import { requestsOf } from "../pods.ts";

/** What a node must have of its own: huge pages, scratch space, memory for /dev/shm. */
export const localStorage: Check = ({ facts }) => {
  const nodes = facts.nodes ?? [];
  const short = new Map<string, string[]>();
  return {
    see({ pods, key }) {
      if (nodes.length === 0) return;
      for (const spec of pods?.specs ?? []) for (const why of shortagesOf(spec, nodes)) gather(short, why, key);
    },
    findings: () =>
      [...short].map(([why, keys]) => ({
        code: "NODE_STORAGE_TOO_SMALL",
        severity: "warning" as const,
        subject: keys[0]!,
        message: `${someOf(keys)} ask for ${why}`,
        advice: "add nodes that have it (hugepages are a kernel setting of the node), or ask for less by a transform",
      })),
  };
};

function shortagesOf(spec: PodSpec, nodes: readonly NodeFact[]): string[] {
  const asked = [...requestsOf(spec)].filter(([name]) => name.startsWith("hugepages-") || name === "ephemeral-storage");
  const shm = memoryDisks(spec);
  if (asked.length === 0 && shm === 0) return [];
  const chosen = nodes.filter((node) => isSelected(spec, node));
  if (chosen.length === 0) return []; // the check of nodes has said so
  const short = asked.flatMap(([name, amount]) => shortage(name, name, amount, chosen));
  return [...short, ...shortage("memory", "memory for emptyDir volumes (/dev/shm)", shm, chosen)];
}

function shortage(resource: string, called: string, amount: number, nodes: readonly NodeFact[]): string[] {
  // A node that does not tell is no node that has none; huge pages are told by every kubelet that has some.
  const told = nodes.map(({ allocatable }) => amountOf(allocatable[resource]));
  if (!resource.startsWith("hugepages-") && told.every((one) => one === undefined)) return [];
  const most = Math.max(...told.map((one) => one ?? 0));
  const unit = (bytes: number) => formatAmount("storage", bytes);
  return amount <= most
    ? []
    : [`${unit(amount)} ${called}, and no node has ${most > 0 ? `more than ${unit(most)}` : "any"}`];
}

function memoryDisks(spec: PodSpec): number {
  const disks: any[] = (spec.volumes ?? []).filter((one: any) => one.emptyDir?.medium === "Memory");
  return disks.reduce((sum, one) => sum + (amountOf(one.emptyDir.sizeLimit) ?? 0), 0);
}
