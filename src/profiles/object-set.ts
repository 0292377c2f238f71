import { type KubeObject, type ObjectRef, refKey, refOf } from "../flow/object.ts";

/** Objects that can be looked up by reference, kind and owner. Made once per inventory or recovery point. */
export interface ObjectSet {
  readonly size: number;
  all(): Iterable<KubeObject>;
  get(ref: ObjectRef): KubeObject | undefined;
  /** By uid, for owner references. */
  byUid(uid: string): KubeObject | undefined;
  ofKind(group: string, kind: string, namespace?: string): readonly KubeObject[];
}

export function objectSet(objects: Iterable<KubeObject>): ObjectSet {
  const byKey = new Map<string, KubeObject>();
  const byUid = new Map<string, KubeObject>();
  const byKind = new Map<string, KubeObject[]>();
  for (const object of objects) {
    const ref = refOf(object);
    byKey.set(refKey(ref), object);
    if (object.metadata.uid) byUid.set(object.metadata.uid, object);
    const kind = `${ref.kind}.${ref.group}`;
    push(byKind, kind, object);
    if (ref.namespace) push(byKind, `${kind} ${ref.namespace}`, object);
  }
  return {
    size: byKey.size,
    all: () => byKey.values(),
    get: (ref) => byKey.get(refKey(ref)),
    byUid: (uid) => byUid.get(uid),
    ofKind: (group, kind, namespace) =>
      byKind.get(namespace === undefined ? `${kind}.${group}` : `${kind}.${group} ${namespace}`) ?? [],
  };
}

function push(map: Map<string, KubeObject[]>, key: string, object: KubeObject): void {
  const same = map.get(key);
  if (same) same.push(object);
  else map.set(key, [object]);
}
