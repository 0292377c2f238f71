import { isKind, kinds } from "../../profiles/kinds.ts";
import type { ChangeRule } from "./rule.ts";

/** preserveNodePorts: also the ports that the old cluster gave, so that whoever knows them from outside finds them again. */
export const nodePortsKept: ChangeRule = {
  name: "node-ports-kept",
  change: (object, { component, all, ref }) => {
    if (!component.flags.preserveNodePorts || !isKind(object, kinds.service)) return undefined;
    const { ports = [], healthCheckNodePort } = all.get(ref)?.spec ?? {};
    let kept = false;
    for (const [index, port] of (object.spec?.ports ?? []).entries()) {
      const before: unknown = ports[index]?.nodePort;
      if (before === undefined) continue;
      port.nodePort = before;
      kept = true;
    }
    if (healthCheckNodePort) object.spec.healthCheckNodePort = healthCheckNodePort;
    return kept ? "its node ports are kept" : undefined;
  },
};
