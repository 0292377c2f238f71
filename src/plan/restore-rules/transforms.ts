import { jsonpatch } from "json-p3";
import { Fault } from "../../base/fault.ts";
import type { KubeObject } from "../../flow/object.ts";
import { matches } from "../../flow/selector.ts";
import type { Transform } from "../restore-options.ts";
import type { ChangeRule } from "./rule.ts";
import { named } from "./rule.ts";

/** The person's own changes, last: they win over every rule. */
export const transforms: ChangeRule = {
  name: "transforms",
  change: (object, { component, all, ref }) => {
    const original = all.get(ref) ?? object;
    const names: string[] = [];
    for (const transform of component.transforms) {
      if (!matches(transform.resources, original)) continue;
      apply(object, transform);
      names.push(transform.transformName ?? "unnamed");
    }
    return names.length > 0 ? `changed by transform ${names.join(", ")}` : undefined;
  },
};

function apply(object: KubeObject, transform: Transform): void {
  try {
    const changed = jsonpatch.apply(
      transform.jsonPatches as never,
      structuredClone(object) as never,
    ) as unknown as KubeObject;
    for (const key of Object.keys(object)) delete object[key];
    Object.assign(object, changed);
  } catch (error) {
    throw new Fault(
      "INVALID",
      `transform ${transform.transformName ?? "unnamed"} does not fit ${named(object)}: ${(error as Error).message}`,
      {
        hint: "correct its path, or narrow its resources to the objects that have the field",
        cause: error,
      },
    );
  }
}
