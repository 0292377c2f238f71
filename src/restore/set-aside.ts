import { type ContentEdit, setAsideSuffix } from "../flow/contents.ts";
import type { BucketObject } from "../flow/recovery-point.ts";

/** The objects of a bucket by the keys that they get: those of a directory, one object, or else all of a prefix. Pure. */
export function setAside(objects: readonly BucketObject[], edits: readonly ContentEdit[]): readonly BucketObject[] {
  return edits.reduce((list, edit) => (edit.kind === "set-aside" ? without(list, edit.path) : list), objects);
}

function without(objects: readonly BucketObject[], path: string): readonly BucketObject[] {
  const isIt = ({ key }: BucketObject) => key === path || key.startsWith(`${path}/`);
  const rename = (one: BucketObject): BucketObject => {
    if (isIt(one)) return { ...one, key: `${path}${setAsideSuffix}${one.key.slice(path.length)}` };
    return isOfPrefix && one.key.startsWith(`${path}.`) ? { ...one, key: `${one.key}${setAsideSuffix}` } : one;
  };
  const isOfPrefix = !objects.some(isIt);
  return objects.map(rename);
}
