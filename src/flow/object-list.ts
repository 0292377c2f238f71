import { type Kept, keepAsIs } from "./kept.ts";
import type { KubeObject } from "./object.ts";

/** Objects to go through. An array is one; so is a list of kept objects, which are read one after the other. */
export interface ObjectList extends Iterable<KubeObject> {
  readonly length: number;
  map<T>(change: (object: KubeObject) => T): T[];
  flatMap<T>(change: (object: KubeObject) => T | readonly T[]): T[];
  filter(isWanted: (object: KubeObject) => boolean): KubeObject[];
  find(isWanted: (object: KubeObject) => boolean): KubeObject | undefined;
  some(isWanted: (object: KubeObject) => boolean): boolean;
}

/** For each list of kept objects, these; so that whoever needs no more than names reads no object. */
const contents = new WeakMap<ObjectList, readonly Kept[]>();

export function objectList(kept: readonly Kept[]): ObjectList {
  const list: ObjectList = {
    length: kept.length,
    *[Symbol.iterator]() {
      for (const one of kept) yield one.object;
    },
    map: (change) => kept.map((one) => change(one.object)),
    flatMap: (change) => kept.flatMap((one) => change(one.object)),
    filter(isWanted) {
      const wanted: KubeObject[] = [];
      for (const one of kept) {
        const { object } = one; // a second look may be a second copy
        if (isWanted(object)) wanted.push(object);
      }
      return wanted;
    },
    find(isWanted) {
      for (const one of kept) {
        const { object } = one;
        if (isWanted(object)) return object;
      }
      return undefined;
    },
    some: (isWanted) => kept.some((one) => isWanted(one.object)),
  };
  contents.set(list, kept);
  return list;
}

/** The objects of a list with what names them. */
export function keptIn(list: ObjectList | Iterable<KubeObject>): readonly Kept[] {
  return contents.get(list as ObjectList) ?? Array.from(list, (object) => keepAsIs(object));
}
