import { isDeepStrictEqual } from "node:util";
import type { KubeObject, ObjectMeta } from "../flow/object.ts";

/**
 * The object to write where one exists: `wanted` over `live`. What only `live` has stays, unless `base` has it too: then
 * it was taken away on purpose. Lists whose items have keys are merged by them, all others are values as a whole.
 * Computed here and not by server-side apply: that cannot take away what another manager wrote, refuses lists with a key
 * twice (old objects have them), knows no keys in most custom resources, and would make every later apply of the
 * person's own tool a conflict over fields that we did not even change.
 */
export function threeWay(base: KubeObject, live: KubeObject, wanted: KubeObject): KubeObject {
  const { metadata: baseMeta, status: _base, ...baseBody } = base;
  const { metadata: liveMeta, status, ...liveBody } = live;
  const { metadata: wantedMeta, status: _wanted, ...wantedBody } = wanted;
  const body = mergeFields(baseBody, liveBody, wantedBody);
  const metadata = mergeMeta(baseMeta, liveMeta, wantedMeta);
  return { ...body, metadata, ...(status === undefined ? {} : { status }) } as KubeObject;
}

/** What identifies the object, its owners and its finalizers are as they are in the cluster. */
function mergeMeta(base: ObjectMeta, live: ObjectMeta, wanted: ObjectMeta): ObjectMeta {
  const owners = live.ownerReferences ?? wanted.ownerReferences;
  const { managedFields: _, ...rest } = live;
  return {
    ...rest,
    labels: mergeFields(base.labels ?? {}, live.labels ?? {}, wanted.labels ?? {}) as Record<string, string>,
    annotations: mergeFields(base.annotations ?? {}, live.annotations ?? {}, wanted.annotations ?? {}) as Record<
      string,
      string
    >,
    ...(owners ? { ownerReferences: owners } : {}),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function mergeFields(base: Fields, live: Fields, wanted: Fields): Fields {
  const merged: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(live)) {
    if (key in wanted && wanted[key] !== undefined) merged[key] = merge(base[key], value, wanted[key]);
    else if (!(key in base)) merged[key] = value;
  }
  for (const [key, value] of Object.entries(wanted)) if (!(key in live) && value !== undefined) merged[key] = value;
  return merged;
}

function merge(base: unknown, live: unknown, wanted: unknown): unknown {
  if (isFields(live) && isFields(wanted)) return mergeFields(isFields(base) ? base : {}, live, wanted);
  if (Array.isArray(live) && Array.isArray(wanted)) return mergeLists(Array.isArray(base) ? base : [], live, wanted);
  return wanted;
}

/** In the order of the point; what only the cluster has comes last. */
function mergeLists(
  base: readonly unknown[],
  live: readonly unknown[],
  wanted: readonly unknown[],
): readonly unknown[] {
  const key = keyOf(live, wanted);
  if (!key) return wanted;
  const [inBase, inLive] = [byKey(base, key), byKey(live, key)];
  const merged = wanted.map((item) => {
    const found = inLive.get(key(item));
    return found === undefined ? item : merge(inBase.get(key(item)), found, item);
  });
  const known = byKey(wanted, key);
  const added = live.filter((item) => !known.has(key(item)) && !inBase.has(key(item)));
  return [...merged, ...added];
}

type Key = (item: unknown) => string | undefined;

/**
 * What tells items apart. Names first: a port that was given another number is the same port. A Service's only port may have
 * no name, and then its list is one value.
 */
const keys: readonly (readonly string[])[] = [
  ["name"],
  ["containerPort", "protocol"],
  ["mountPath"],
  ["devicePath"],
  ["topologyKey", "whenUnsatisfiable"],
  ["ip"],
  ["type"],
  ["uid"],
];

function keyOf(live: readonly unknown[], wanted: readonly unknown[]): Key | undefined {
  for (const fields of keys) {
    const key: Key = (item) => keyIn(item, fields);
    if ([live, wanted].every((list) => isKeyed(list, key))) return key;
  }
  return undefined;
}

function keyIn(item: unknown, fields: readonly string[]): string | undefined {
  if (!isFields(item) || item[fields[0] ?? ""] === undefined) return undefined;
  return JSON.stringify(fields.map((field) => item[field] ?? (field === "protocol" ? "TCP" : null)));
}

function isKeyed(list: readonly unknown[], key: Key): boolean {
  const found = list.map(key);
  return found.every((one) => one !== undefined) && new Set(found).size === found.length;
}

function byKey(list: readonly unknown[], key: Key): ReadonlyMap<string | undefined, unknown> {
  return new Map(list.map((item) => [key(item), item]));
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Would writing `next` change `live`? */
export function isSame(live: KubeObject, next: KubeObject): boolean {
  return isDeepStrictEqual(comparable(live), comparable(next));
}

function comparable({ metadata, ...body }: KubeObject): object {
  const { managedFields: _, labels = {}, annotations = {}, ...rest } = metadata;
  return { ...body, metadata: { ...rest, labels, annotations } };
}
