import { jsonpatch } from "json-p3";
import type { Finding } from "../../base/finding.ts";
import { type KubeObject, refKey, refOf } from "../../flow/object.ts";
import { mergePatch } from "../../flow/merge-patch.ts";
import { matches } from "../../flow/selector.ts";
import type { JsonPatch, Transform } from "../restore-options.ts";
import { firstLine, holds } from "./condition.ts";
import type { ChangeRule } from "./rule.ts";

/**
 * The person's own changes, last: they win over every rule. They are made when the restore is planned, so a dry run tries
 * them; one that fails holds the restore back.
 */
export const transforms: ChangeRule = {
  name: "transforms",
  change: (object, context) => {
    const { component, all, ref, targetRef } = context;
    const original = all.get(ref) ?? object;
    const names: string[] = [];
    for (const transform of component.transforms) {
      if (!matches(transform.resources, original)) continue;
      try {
        if (!holds(transform.when, object, original)) continue;
        const changed = apply(object, transform);
        mustStay(object, changed);
        for (const key of Object.keys(object)) delete object[key];
        Object.assign(object, changed);
        names.push(nameOf(transform));
      } catch (error) {
        context.problem(failed(transform, refKey(targetRef), error as Error));
      }
    }
    return names.length > 0 ? `changed by transform ${names.join(", ")}` : undefined;
  },
};

export function nameOf({ transformName }: Transform): string {
  return transformName ?? "unnamed";
}

/** One operation after the other, so that the one that fails can be named. */
function apply(object: KubeObject, { jsonPatches = [], mergePatch: patch }: Transform): KubeObject {
  if (patch) return mergePatch(object, patch) as KubeObject;
  return jsonPatches.reduce((current, operation) => {
    try {
      return jsonpatch.apply([operation] as never, current as never) as unknown as KubeObject;
    } catch (error) {
      throw new Error(`${said(operation)}: ${(error as Error).message}`, { cause: error });
    }
  }, structuredClone(object));
}

function said({ op, path, from }: JsonPatch): string {
  return from === undefined ? `${op} ${path}` : `${op} ${from} to ${path}`;
}

/** Rights were checked and decisions made for this kind, namespace and name. The version may change. */
function mustStay(object: KubeObject, changed: KubeObject): void {
  const [before, after] = [refKey(refOf(object)), refKey(refOf(changed))];
  if (before !== after) throw new Error(`it would make ${after} of ${before}; namePrefix and restoreNamespace do that`);
}

function failed(transform: Transform, subject: string, error: Error): Finding {
  return {
    code: "TRANSFORM_FAILED",
    severity: "error",
    subject,
    message: `transform ${nameOf(transform)}: ${firstLine(error.message)}`,
    advice: "correct it, narrow its resources to the objects that it fits, or give it a condition (when)",
  };
}
