/**
 * Objects that are read when they are looked at. Memory holds what names them; their content lies on a shelf (base/shelf.ts),
 * compressed, and is parsed anew for whoever looks. So a stage may hold hundreds of thousands of them, and read them like any
 * other value. Two looks may give two copies: nobody changes one, or asks whether two are the same instance.
 */
import { parseJson } from "../base/json.ts";
import { lru } from "../base/lru.ts";
import type { Shelf } from "../base/shelf.ts";
import { type KubeObject, type ObjectRef, refOf } from "./object.ts";

/** An object and what it is found by. Plain data fits: {ref, uid, object}. */
export interface Kept {
  readonly ref: ObjectRef;
  readonly uid?: string | undefined;
  readonly object: KubeObject;
}

/** Keeps an object somewhere. `ref`: what names it, where the caller has it already. */
export type Keep = (object: KubeObject, ref?: ObjectRef) => Kept;

/** Parsed objects that are kept ready, by the length of their texts. Few: what dies young costs the garbage collector little. */
const readyBytes = 128 * 1024;

/** Puts objects on a shelf. */
export function keepOn(shelf: Shelf): Keep {
  const ready = lru<KubeObject>(readyBytes);
  const read = (place: number): KubeObject => {
    const known = ready.get(place);
    if (known) return known;
    const text = shelf.get(place);
    const object = parseJson<KubeObject>(text);
    ready.set(place, object, text.length);
    return object;
  };
  return (object, ref = sharedRef(object)) =>
    new OnShelf(ref, object.metadata.uid, shelf.put(JSON.stringify(object)), read);
}

/** Keeps an object as it is: where there are few, and for tests. */
export function keepAsIs(object: KubeObject, ref: ObjectRef = refOf(object)): Kept {
  return { ref, uid: object.metadata.uid, object };
}

/** A class, since there may be very many: one getter for all of them instead of a function for each. */
class OnShelf implements Kept {
  readonly ref: ObjectRef;
  readonly uid: string | undefined;
  readonly #place: number;
  readonly #read: (place: number) => KubeObject;

  constructor(ref: ObjectRef, uid: string | undefined, place: number, read: (place: number) => KubeObject) {
    this.ref = ref;
    this.uid = uid;
    this.#place = place;
    this.#read = read;
  }

  get object(): KubeObject {
    return this.#read(this.#place);
  }
}

/** Groups, kinds and namespaces occur in thousands of refs: once each. */
const words = new Map<string, string>();

function shared(word: string): string {
  const known = words.get(word);
  if (known !== undefined) return known;
  words.set(word, word);
  return word;
}

function sharedRef(object: KubeObject): ObjectRef {
  const { group, kind, namespace, name } = refOf(object);
  return { group: shared(group), kind: shared(kind), ...(namespace ? { namespace: shared(namespace) } : {}), name };
}

/** Gives `target` a field that is read from `kept` when it is looked at. To others it is a field like any other. */
export function withObject<T extends object, K extends string>(
  target: T,
  field: K,
  kept: Kept,
): T & { readonly [field in K]: KubeObject } {
  const { slot, get } = fieldNamed(field);
  Object.defineProperty(target, slot, { value: kept, configurable: true });
  return Object.defineProperty(target, field, { get, enumerable: true, configurable: true }) as T & {
    readonly [field in K]: KubeObject;
  };
}

/** What a field made by `withObject` is read from; or the value itself, where the field is an ordinary one. */
export function keptAt<K extends string>(target: { readonly [field in K]?: KubeObject }, field: K): Kept | undefined {
  const kept = (target as Record<symbol, Kept>)[fieldNamed(field).slot];
  if (kept) return kept;
  const object = target[field];
  return object && keepAsIs(object);
}

/** One getter per field name: V8 then holds it once, and not once per object. */
const fields = new Map<string, { readonly slot: symbol; get(this: Record<symbol, Kept>): KubeObject }>();

function fieldNamed(name: string) {
  const known = fields.get(name);
  if (known) return known;
  const slot = Symbol(name);
  const made = {
    slot,
    get(this: Record<symbol, Kept>) {
      return this[slot]!.object;
    },
  };
  fields.set(name, made);
  return made;
}
