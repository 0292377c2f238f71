import type { KubeObject } from "../flow/object.ts";
import { referencesOf } from "./index.ts";
import { isKind, kinds } from "./kinds.ts";
import { objectSet } from "./object-set.ts";

/** Most of what a namespace holds. No rule looks at other objects for them, and no relation begins at one. */
const leafKinds = [kinds.configMap, kinds.secret, kinds.role];
const nothing = objectSet([]);

/** Does it lean on nothing at all? Who walks along references need not read it again. */
export function isLeaf(object: KubeObject): boolean {
  return leafKinds.some((kind) => isKind(object, kind)) && referencesOf(object, nothing).length === 0;
}
