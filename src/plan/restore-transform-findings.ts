import { someOf } from "../base/some-of.ts";
import type { Finding } from "../base/finding.ts";
import { refKey } from "../flow/object.ts";
import { matches } from "../flow/selector.ts";
import { textsOf } from "../flow/strings.ts";
import { type Decided, isWritten } from "./restore-decided.ts";
import type { RestoreComponent, Transform } from "./restore-options.ts";
import { faultOf } from "./restore-rules/condition.ts";
import { replaceHosts } from "./restore-rules/hosts.ts";
import { nameOf } from "./restore-rules/transforms.ts";

interface Input {
  readonly decided: readonly Decided[];
  readonly components: readonly RestoreComponent[];
}

/** Transforms that are wrong whatever the object, and those that choose none: usually a misspelt kind or name. */
export function transformFindings({ decided, components }: Input): Finding[] {
  return components.flatMap((component) => {
    const own = component.transforms.length > 0 ? decided.filter((one) => one.component === component) : [];
    return component.transforms.flatMap((transform) => judge(transform, component, own));
  });
}

/** After mapping: texts elsewhere that still name a host that is another now. */
export function oldHostFindings({ decided, components }: Input): Finding[] {
  return components.flatMap((component) =>
    Object.keys(component.hostMap ?? {}).flatMap((host) => {
      const naming = decided.filter(
        (one) =>
          one.component === component &&
          isWritten(one) &&
          textsOf(one.planned ?? one.original).some((text) => replaceHosts(text, { [host]: "" }) !== text),
      );
      if (naming.length === 0) return [];
      return [
        {
          code: "OLD_HOST_NAMED",
          severity: "info" as const,
          subject: host,
          message: `${naming.length} objects still name the old host: ${someOf(naming.map((one) => refKey(one.targetRef)))}`,
          advice: "look whether they mean it; change them with a transform if so",
        },
      ];
    }),
  );
}

function judge(transform: Transform, { restoreNamespace }: RestoreComponent, own: readonly Decided[]): Finding[] {
  const subject = `transform ${nameOf(transform)} in ${restoreNamespace}`;
  const fault = faultOf(transform.when);
  if (fault !== undefined) {
    return [
      {
        code: "TRANSFORM_FAILED",
        severity: "error",
        subject,
        message: `its condition cannot be read: ${fault}`,
        advice: "correct when.cel (over object and original) or when.jsonPath (RFC 9535)",
      },
    ];
  }
  if (own.some((one) => isWritten(one) && matches(transform.resources, one.original))) return [];
  return [
    {
      code: "TRANSFORM_UNUSED",
      severity: "warning",
      subject,
      message: "it chooses none of the objects that are written",
      advice: "look at its resources: group, kind, names and labels are those of the recovery point",
    },
  ];
}
