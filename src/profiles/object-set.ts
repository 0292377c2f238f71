import { type Kept, keepAsIs } from "../flow/kept.ts";
import type { KubeObject, ObjectRef } from "../flow/object.ts";
import { type ObjectList, objectList } from "../flow/object-list.ts";

/** Objects that can be looked up by reference, kind, labels and owner. Made once per inventory or recovery point. */
export interface ObjectSet {
  readonly size: number;
  all(): Iterable<KubeObject>;
  get(ref: ObjectRef): KubeObject | undefined;
  has(ref: ObjectRef): boolean;
  /** By uid, for owner references. */
  byUid(uid: string): KubeObject | undefined;
  /** What the object of a uid is, without a look at it. */
  refByUid(uid: string): ObjectRef | undefined;
  ofKind(group: string, kind: string, namespace?: string): ObjectList;
  /** Those of a kind in a namespace that carry all of these labels; all of them for none. */
  withLabels(group: string, kind: string, namespace: string, labels: Readonly<Record<string, string>>): ObjectList;
}

/** Objects as they are, or kept somewhere: memory then holds their names only. */
export function objectSet(objects: Iterable<KubeObject | Kept>): ObjectSet {
  const everything: Kept[] = [];
  const byUid = new Map<string, Kept>();
  const places = new Map<string, Map<string, Kept>>(); // by kind and namespace, then by name
  const namespacesOf = new Map<string, string[]>(); // by kind
  const byLabel = new Map<string, Map<string, Kept[]>>();

  for (const one of objects) {
    const kept = isKept(one) ? one : keepAsIs(one);
    const { group, kind, namespace = "", name } = kept.ref;
    const key = placeKey(group, kind, namespace);
    let place = places.get(key);
    if (!place) {
      places.set(key, (place = new Map()));
      push(namespacesOf, `${kind}.${group}`, namespace);
    }
    const same = place.get(name);
    if (same) everything[everything.indexOf(same)] = kept;
    else everything.push(kept);
    place.set(name, kept);
    if (kept.uid) byUid.set(kept.uid, kept);
  }

  const lists = new Map<string, ObjectList>();

  const find = ({ group, kind, namespace = "", name }: ObjectRef) =>
    places.get(placeKey(group, kind, namespace))?.get(name);

  function keptOfKind(group: string, kind: string, namespace?: string): readonly Kept[] {
    const names = namespace === undefined ? (namespacesOf.get(`${kind}.${group}`) ?? []) : [namespace];
    return names.flatMap((name) => [...(places.get(placeKey(group, kind, name))?.values() ?? [])]);
  }

  /** Made when it is first asked for: few kinds are selected by labels. */
  function labelsOf(group: string, kind: string, namespace: string): ReadonlyMap<string, readonly Kept[]> {
    const key = placeKey(group, kind, namespace);
    const known = byLabel.get(key);
    if (known) return known;
    const index = new Map<string, Kept[]>();
    for (const kept of keptOfKind(group, kind, namespace)) {
      for (const label of Object.entries(kept.object.metadata.labels ?? {})) push(index, label.join("="), kept);
    }
    byLabel.set(key, index);
    return index;
  }

  return {
    size: everything.length,
    all: () => objectList(everything),
    get: (ref) => find(ref)?.object,
    has: (ref) => find(ref) !== undefined,
    byUid: (uid) => byUid.get(uid)?.object,
    refByUid: (uid) => byUid.get(uid)?.ref,
    ofKind(group, kind, namespace) {
      const key = `${kind}.${group} ${namespace ?? "*"}`;
      const list = lists.get(key) ?? objectList(keptOfKind(group, kind, namespace));
      lists.set(key, list);
      return list;
    },
    withLabels(group, kind, namespace, labels) {
      const wanted = Object.entries(labels);
      if (wanted.length === 0) return objectList(keptOfKind(group, kind, namespace));
      const index = labelsOf(group, kind, namespace);
      const [rarest = [], ...others] = wanted
        .map((label) => index.get(label.join("=")) ?? [])
        .sort((a, b) => a.length - b.length);
      const sets = others.map((list) => new Set(list));
      return objectList(rarest.filter((kept) => sets.every((set) => set.has(kept))));
    },
  };
}

const sets = new WeakMap<readonly Kept[], ObjectSet>();

/** The set of an inventory's objects: one, however many rules ask for it. */
export function objectSetOf(objects: readonly Kept[]): ObjectSet {
  const known = sets.get(objects) ?? objectSet(objects);
  sets.set(objects, known);
  return known;
}

/** An answer that is worked out once per set. Without it, each object that asks would look at all others again. */
export function oncePerSet<V>(work: (all: ObjectSet) => V): (all: ObjectSet) => V {
  const answers = new WeakMap<ObjectSet, { readonly value: V }>();
  return (all) => {
    const known = answers.get(all) ?? { value: work(all) };
    answers.set(all, known);
    return known.value;
  };
}

function isKept(one: KubeObject | Kept): one is Kept {
  return !("metadata" in one);
}

function placeKey(group: string, kind: string, namespace: string): string {
  return `${kind}.${group} ${namespace}`;
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const same = map.get(key);
  if (same) same.push(value);
  else map.set(key, [value]);
}
