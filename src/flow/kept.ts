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
  /** Answers to what is asked of every object, so that it need not be read for them. Known where it lies on a shelf. */
  readonly traits?: Traits;
  /** The server's own bytes, with apiVersion and kind, where it was kept by them. */
  readonly bytes?: Buffer | undefined;
}

export interface Traits {
  /** metadata.resourceVersion */
  readonly version: string | undefined;
  /** Carries a label that Holdfast goes by: it may stay out of a backup. */
  readonly isMarked: boolean;
  /** Names owners. */
  readonly isOwned: boolean;
}

export function traitsOf(kept: Kept): Traits {
  return kept.traits ?? traitsOfObject(kept.object);
}

function traitsOfObject({ metadata }: KubeObject): Traits {
  const { resourceVersion: version, labels, ownerReferences = [] } = metadata;
  return { version, isMarked: Object.keys(labels ?? {}).some(isMark), isOwned: ownerReferences.length > 0 };
}

/** holdfast.dev/exclude, holdfast.dev/run, velero.io/exclude-from-backup */
function isMark(label: string): boolean {
  return label.startsWith("holdfast.dev/") || label.startsWith("velero.io/");
}

/** Keeps an object somewhere. `ref`: what names it, where the caller has it already; `bytes`: what it was parsed from. */
export type Keep = (object: KubeObject, ref?: ObjectRef, bytes?: Buffer) => Kept;

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
  const from: Source = { read, bytes: (place) => shelf.bytes(place) };
  return (object, ref = sharedRef(object), bytes) =>
    new OnShelf(object, ref, shelf.put(bytes ?? JSON.stringify(object)), bytes !== undefined, from);
}

/** Keeps an object as it is: where there are few, and for tests. */
export function keepAsIs(object: KubeObject, ref: ObjectRef = refOf(object)): Kept {
  return { ref, uid: object.metadata.uid, object };
}

interface Source {
  read(place: number): KubeObject;
  bytes(place: number): Buffer;
}

/** A class, since there may be very many: one getter for all of them instead of a function for each. */
class OnShelf implements Kept, Traits {
  readonly ref: ObjectRef;
  readonly uid: string | undefined;
  readonly version: string | undefined;
  readonly isMarked: boolean;
  readonly isOwned: boolean;
  readonly #place: number;
  readonly #asSent: boolean;
  readonly #from: Source;

  constructor(object: KubeObject, ref: ObjectRef, place: number, asSent: boolean, from: Source) {
    const { version, isMarked, isOwned } = traitsOfObject(object);
    this.ref = ref;
    this.uid = object.metadata.uid;
    this.version = version;
    this.isMarked = isMarked;
    this.isOwned = isOwned;
    this.#place = place;
    this.#asSent = asSent;
    this.#from = from;
  }

  get object(): KubeObject {
    return this.#from.read(this.#place);
  }

  get traits(): Traits {
    return this;
  }

  get bytes(): Buffer | undefined {
    return this.#asSent ? this.#from.bytes(this.#place) : undefined;
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

const source = Symbol("source");

/**
 * Remembers what a shown object was made of. It is no field: who prints or copies an inventory does not meet the values of
 * Secrets, which only capture asks for.
 */
export function withSource<T extends object>(target: T, kept: Kept): T {
  return Object.defineProperty(target, source, { value: kept });
}

/** What a shown object was made of; what it is read from itself where that is the same. */
export function sourceOf(target: { readonly object: KubeObject }): Kept | undefined {
  return (target as { readonly [source]?: Kept })[source] ?? keptAt(target, "object");
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
