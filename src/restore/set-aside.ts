import { type ContentEdit, setAsideSuffix } from "../flow/contents.ts";
import type { BucketObject } from "../flow/recovery-point.ts";

/** What a bucket gets: objects of the point, and texts in the place of some of them. */
export interface Edited {
  readonly objects: readonly BucketObject[];
  readonly written?: readonly { readonly key: string; readonly text: string }[];
}

/** Pure. A marker that names a checkpoint which is set aside is written anew, as in a volume. */
export function edited(objects: readonly BucketObject[], edits: readonly ContentEdit[]): Edited {
  const written = edits.flatMap((edit) =>
    edit.kind === "write" && objects.some(({ key }) => key === edit.path) ? [{ key: edit.path, text: edit.text }] : [],
  );
  const others = objects.filter(({ key }) => !written.some((one) => one.key === key));
  return { objects: setAside(others, edits), ...(written.length > 0 ? { written } : {}) };
}

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
