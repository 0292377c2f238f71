import { changeOfVersion } from "../preflight/conversions.ts";
import { kindKey } from "../restore-facts.ts";
import type { ChangeRule } from "./rule.ts";

/** A version that the target does not serve becomes one that it does, where that is known. Findings say which, and which not. */
export const apiVersion: ChangeRule = {
  name: "api-version",
  change: (object, { ref, target: { preflight } }) => {
    const kind = kindKey(ref.group, ref.kind);
    const changed = changeOfVersion(object, preflight?.versions.get(kind) ?? [], preflight?.crds?.has(kind) ?? false);
    if (!changed) return undefined;
    const words = `${object.apiVersion} is not served: written as ${changed.object.apiVersion}`;
    for (const key of Object.keys(object)) delete object[key];
    Object.assign(object, changed.object);
    return words;
  },
};
