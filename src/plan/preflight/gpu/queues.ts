import { someOf } from "../../../base/some-of.ts";
import type { Finding } from "../../../base/finding.ts";
import type { QueueFact } from "../../../flow/hardware.ts";
import { type Check, gather, type PreflightInput } from "../check.ts";
import { hasNode, labelsText, proposal } from "./label-proposal.ts";

/** Kueue's quotas behind the LocalQueues that come back: less of a resource than in the point, and flavors without nodes. */
export const queues: Check = (input) => {
  const used = new Map<string, string[]>(); // ClusterQueue -> LocalQueues
  return {
    see(written) {
      if (written.kind !== "LocalQueue.kueue.x-k8s.io") return;
      const name: unknown = written.object.spec?.clusterQueue;
      if (typeof name === "string") gather(used, name, written.key);
    },
    findings: () => [...used].flatMap(([name, by]) => findingsOf(name, by, input)),
  };
};

/** A ClusterQueue that is missing as a whole is said as a cluster object that is missing. */
function findingsOf(name: string, by: readonly string[], { facts, point }: PreflightInput): Finding[] {
  const now = facts.hardware?.queues?.find((one) => one.name === name);
  const before = point.hardware?.queues?.find((one) => one.name === name);
  if (!now) return [];
  return [...(before ? smaller(before, now, by) : []), ...flavorsWithoutNodes(now, facts)];
}

function smaller(before: QueueFact, now: QueueFact, by: readonly string[]): Finding[] {
  const less = Object.entries(before.quota).filter(([resource, amount]) => (now.quota[resource] ?? 0) < amount);
  if (less.length === 0) return [];
  const text = less.map(([resource, amount]) => `${resource} ${now.quota[resource] ?? 0} instead of ${amount}`);
  return [
    {
      code: "QUEUE_QUOTA_SMALLER",
      severity: "warning",
      subject: `ClusterQueue ${now.name}`,
      message: `its quota is smaller than in the point: ${someOf(text)}; jobs of ${someOf(by)} wait longer, or for ever`,
      advice: `kubectl edit clusterqueue ${now.name}`,
    },
  ];
}

function flavorsWithoutNodes(queue: QueueFact, { hardware, nodes = [] }: PreflightInput["facts"]): Finding[] {
  const chosen = (hardware?.flavors ?? []).filter((one) => queue.flavors.includes(one.name));
  if (nodes.length === 0) return [];
  return chosen
    .filter(({ nodeLabels }) => !hasNode(nodes, nodeLabels))
    .map(({ name, nodeLabels }) => ({
      code: "FLAVOR_WITHOUT_NODES",
      severity: "warning",
      subject: `ResourceFlavor ${name}`,
      message: `no node has ${labelsText(nodeLabels)}: what ClusterQueue ${queue.name} admits to it is not scheduled`,
      advice: proposal(nodeLabels, nodes),
    }));
}
