import { type Check, someOf } from "./check.ts";
import { type Misfit, misfitOf } from "./node-fit.ts";

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
  const found = new Map<string, { misfit: Misfit; users: string[] }>();
  return {
    see({ pods, key }) {
      if (known.length === 0) return;
      for (const misfit of pods?.specs.flatMap((spec) => misfitOf(spec, known) ?? []) ?? []) {
        const same = found.get(`${misfit.code} ${misfit.why}`) ?? { misfit, users: [] };
        same.users.push(key);
        found.set(`${misfit.code} ${misfit.why}`, same);
      }
    },
    findings: () =>
      [...found.values()].map(({ misfit: { code, why }, users }) => ({
        code,
        severity: "warning" as const,
        subject: users.length === 1 ? users[0]! : `${users[0]} and ${new Set(users).size - 1} more`,
        message: `its pods will not be scheduled: ${why}${users.length > 1 ? ` (${someOf(users)})` : ""}`,
        advice: advice[code],
      })),
  };
};
