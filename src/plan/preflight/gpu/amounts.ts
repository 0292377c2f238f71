import { amountOf } from "../../../base/quantity.ts";
import { someOf } from "../../../base/some-of.ts";
import type { Finding } from "../../../base/finding.ts";
import { isAccelerator } from "./node-gpu.ts";
import { otherDevices } from "./other-devices.ts";
import { type GpuInput, placed, type Row } from "./row.ts";

/** Devices that no spec names, but a runtime, or the pods that ran. Those that a spec names are the check of nodes'. */
export const impliedDevices: Row = ({ asks, nodes }) =>
  asks.flatMap((one): Finding[] => {
    if (!one.isImplied || one.nodes.length > 0 || nodes.length === 0) return [];
    const lacking = [...one.devices].find(
      ([name, amount]) => !nodes.some(({ allocatable }) => (amountOf(allocatable[name]) ?? 0) >= amount),
    );
    if (!lacking) return [];
    const [resource, amount] = lacking;
    return [
      {
        code: "EXTENDED_RESOURCE_MISSING",
        severity: "warning",
        subject: one.key,
        message: `its pods need ${amount} ${resource} each, and no node offers that`,
        advice: otherDevices(resource, nodes) ?? "install the device plugin or GPU operator, or add nodes",
      },
    ];
  });

/** All pods that run at once, against what the nodes have and others do not hold. */
export const deviceSums: Row = (input) => {
  const wanted = new Map<string, { amount: number; keys: string[] }>();
  for (const { key, replicas, devices } of placed(input)) {
    for (const [name, amount] of devices) {
      if (!isAccelerator(name) || replicas === 0) continue;
      const sum = wanted.get(name) ?? { amount: 0, keys: [] };
      sum.amount += amount * replicas;
      sum.keys.push(key);
      wanted.set(name, sum);
    }
  }
  return [...wanted].flatMap(([resource, { amount, keys }]): Finding[] => {
    const offered = input.nodes
      .filter((one) => !one.unschedulable)
      .reduce((sum, one) => sum + (amountOf(one.allocatable[resource]) ?? 0), 0);
    const held = heldByOthers(input, resource);
    if (offered === 0 || amount <= offered - held) return [];
    return [
      {
        code: "GPU_TOO_FEW",
        severity: "warning",
        subject: resource,
        message: `${someOf(keys)} ask for ${amount} in all; the nodes have ${offered}${held > 0 ? `, of which pods of others hold ${held}` : ""}: some pods wait`,
        advice: "add nodes, restore a part first, or lower replicas by a transform",
      },
    ];
  });
};

/** Without the namespaces that are restored into: their pods are replaced, not added to. */
function heldByOthers({ now, components }: GpuInput, resource: string): number {
  const own = new Set(components.map((one) => one.restoreNamespace));
  return Object.entries(now.held ?? {})
    .filter(([namespace]) => !own.has(namespace))
    .reduce((sum, [, held]) => sum + (held[resource] ?? 0), 0);
}
