import { someOf } from "../../base/some-of.ts";
import { refKey } from "../../flow/object.ts";
import type { Check } from "./check.ts";

/** Custom resources name objects outside of the restored namespaces: hardware profiles, gateways, templates. Some are refused without. */
export const outer: Check = ({ facts }) => {
  const written = new Set<string>();
  return {
    see: ({ one }) => void written.add(refKey(one.ref)),
    findings: () =>
      (facts.missingOuter ?? []).flatMap(({ key, by }) => {
        const names = by.filter((one) => written.has(one));
        if (names.length === 0) return [];
        return [
          {
            code: "OUTER_REFERENCE_MISSING",
            severity: "warning" as const,
            subject: key,
            message: `${someOf(names)} name it, it is outside of the restored namespaces, and the target lacks it`,
            advice: "make it there before the restore, or drop the reference by a transform",
          },
        ];
      }),
  };
};
