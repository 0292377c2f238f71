import type { Finding } from "../base/finding.ts";
import { matches } from "../flow/selector.ts";
import type { Decided } from "./restore-decided.ts";
import type { RestoreComponent, Transform } from "./restore-options.ts";
import { faultOf } from "./restore-rules/condition.ts";
import { nameOf } from "./restore-rules/transforms.ts";

/** Transforms that are wrong whatever the object, and those that choose none: usually a misspelt kind or name. */
export function transformFindings({
  decided,
  components,
}: {
  readonly decided: readonly Decided[];
  readonly components: readonly RestoreComponent[];
}): Finding[] {
  return components.flatMap((component) => {
    const own = component.transforms.length > 0 ? decided.filter((one) => one.component === component) : [];
    return component.transforms.flatMap((transform) => judge(transform, component, own));
  });
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
  if (own.some((one) => one.planned && matches(transform.resources, one.original))) return [];
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
