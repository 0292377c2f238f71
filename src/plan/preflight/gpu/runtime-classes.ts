import { someOf } from "../../../base/some-of.ts";
import { type Check, gather } from "../check.ts";

/** Pods that name a RuntimeClass ("nvidia", "kata") which is not there are refused one by one, long after the restore. */
export const runtimeClasses: Check = ({ facts }) => {
  const known = facts.hardware?.runtimeClasses;
  const users = new Map<string, string[]>();
  const written = new Set<string>();
  return {
    see(one) {
      if (one.kind === "RuntimeClass.node.k8s.io") written.add(one.one.targetRef.name);
      for (const { runtimeClassName } of one.pods?.specs ?? [])
        if (typeof runtimeClassName === "string" && runtimeClassName !== "") gather(users, runtimeClassName, one.key);
    },
    findings() {
      if (!known) return [];
      return [...users]
        .filter(([name]) => !written.has(name) && !known.some((one) => one.name === name))
        .map(([name, keys]) => ({
          code: "RUNTIME_CLASS_MISSING",
          severity: "warning" as const,
          subject: `RuntimeClass ${name}`,
          message: `pods of ${someOf(keys)} name it, and the target has ${someOf(known.map((one) => one.name)) || "none"}: they are refused`,
          advice: "install what brings it (the GPU operator), or take runtimeClassName away by a transform",
        }));
    },
  };
};
