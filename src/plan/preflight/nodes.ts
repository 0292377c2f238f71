import { someOf } from "../../base/some-of.ts";
import type { PodSpec } from "../../profiles/pod-spec.ts";
import { type Check } from "./check.ts";
import type { NodeFact } from "./facts.ts";
import { type Misfit, misfitOf } from "./node-fit.ts";
import { otherDevices } from "./gpu/other-devices.ts";
import { requestsOf } from "./pods.ts";

const advice: Readonly<Record<Misfit["code"], string>> = {
  NODE_SELECTOR_UNMET: "label nodes (kubectl label node), or change nodeSelector or affinity by a transform",
  EXTENDED_RESOURCE_MISSING:
    "install the device plugin or GPU operator, add nodes, or change the request by a transform",
  NODES_TOO_SMALL: "add bigger nodes, or change the requests by a transform",
  TAINTS_NOT_TOLERATED: "add tolerations by a transform, or take the taints away (kubectl taint, kubectl uncordon)",
};

/** Is there a node for each pod: labels, devices (GPUs, MIG slices), size, taints? Asked of empty nodes: room is not counted. */
export const nodes: Check = ({ facts }) => {
  const known = facts.nodes ?? [];
  const misfit = rememberingMisfit(known);
  const found = new Map<string, { misfit: Misfit; users: string[] }>();
  return {
    see({ pods, key }) {
      if (known.length === 0) return;
      for (const one of pods?.specs.flatMap((spec) => misfit(spec) ?? []) ?? []) {
        const same = found.get(`${one.code} ${one.why}`) ?? { misfit: one, users: [] };
        same.users.push(key);
        found.set(`${one.code} ${one.why}`, same);
      }
    },
    findings: () =>
      [...found.values()].map(({ misfit: { code, why, resource }, users }) => ({
        code,
        severity: "warning" as const,
        subject: users.length === 1 ? users[0]! : `${users[0]} and ${new Set(users).size - 1} more`,
        message: `its pods will not be scheduled: ${why}${users.length > 1 ? ` (${someOf(users)})` : ""}`,
        advice: (resource && otherDevices(resource, known)) ?? advice[code],
      })),
  };
};

/** Thousands of pods ask for the same few things of hundreds of nodes. */
function rememberingMisfit(nodes: readonly NodeFact[]): (spec: PodSpec) => Misfit | undefined {
  const known = new Map<string, Misfit | undefined>();
  return (spec) => {
    const { nodeSelector, affinity, tolerations } = spec;
    const asked = JSON.stringify([nodeSelector, affinity?.nodeAffinity, tolerations, [...requestsOf(spec)]]);
    if (!known.has(asked)) known.set(asked, misfitOf(spec, nodes));
    return known.get(asked);
  };
}
