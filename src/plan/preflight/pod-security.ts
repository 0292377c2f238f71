import { someOf } from "../../base/some-of.ts";
import { type Check, gather, type PreflightInput } from "./check.ts";
import { type Level, refusedBy } from "./pod-security-standards.ts";

const enforce = "pod-security.kubernetes.io/enforce";

/** A Deployment is taken whatever its pods are; these are refused later, one by one, where few look. */
export const podSecurity: Check = (input) => {
  const refused = new Map<string, string[]>();
  const levels = new Map(input.components.map((one) => [one.restoreNamespace, levelOf(one.restoreNamespace, input)]));
  return {
    see({ pods, namespace, key }) {
      const level = levels.get(namespace) ?? "privileged";
      const broken = pods?.specs.flatMap((spec) => refusedBy(level, spec)) ?? [];
      if (broken.length > 0) gather(refused, namespace, `${key} (${someOf(broken, 3)})`);
    },
    findings: () =>
      [...refused].map(([namespace, list]) => ({
        code: "POD_SECURITY_REFUSES",
        severity: "warning" as const,
        subject: `Namespace ${namespace}`,
        message: `it enforces Pod Security level ${levels.get(namespace)}, which refuses pods of ${list.length} objects: ${someOf(list)}`,
        advice: `kubectl label namespace ${namespace} --overwrite ${enforce}=<level>, if they may run there; or change them by a transform`,
      })),
  };
};

/** The namespace as it will be: its own label wins, the point's is added where it has none. */
function levelOf(namespace: string, { target, point, components }: PreflightInput): Level {
  const source = components.find((one) => one.restoreNamespace === namespace)?.sourceNamespace;
  const own = target.namespaces.get(namespace)?.labels[enforce];
  const level = own ?? point.namespaces.find((one) => one.name === source)?.labels[enforce];
  return level === "baseline" || level === "restricted" ? level : "privileged";
}
