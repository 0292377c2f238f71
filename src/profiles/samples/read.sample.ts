/** Reads the samples of a profile, and says what the profiles make of them, for tests. */
import { createHash } from "node:crypto";
import { parseAllDocuments } from "yaml";
import { type KubeObject, type OwnerReference, refKey, refOf } from "../../flow/object.ts";
import { bucketUsesOf, databasesOf, notRestored, readinessOf, referencesOf, urisOf } from "../index.ts";
import { isKind } from "../kinds.ts";
import { objectSet } from "../object-set.ts";
import type { Profile } from "../profile.ts";

/** The objects of a sample, with what a server would have set. */
export function sampleOf(text: string): readonly KubeObject[] {
  const written = parseAllDocuments(text).flatMap((one): KubeObject[] => {
    if (one.errors[0]) throw one.errors[0];
    const object = one.toJS();
    return object ? [object] : [];
  });
  return written.map(asServed);
}

function asServed(object: KubeObject, index: number): KubeObject {
  const { metadata } = object;
  const owners = metadata.ownerReferences?.map((owner) => ({ ...owner, uid: uidOfOwner(owner) }));
  return {
    ...object,
    metadata: {
      uid: uidOf(object.kind, metadata.name),
      resourceVersion: String(4711 + index),
      generation: 7,
      creationTimestamp: "2026-11-20T10:00:00Z",
      managedFields: [{ manager: "kubectl", operation: "Update" }],
      ...metadata,
      ...(owners ? { ownerReferences: owners } : {}),
    },
  };
}

function uidOfOwner({ kind, name }: OwnerReference): string {
  return uidOf(kind, name);
}

/** The same for the same object, so that owners and labels may be written by hand. */
function uidOf(kind: string, name: string): string {
  const hash = createHash("sha256").update(`${kind}/${name}`).digest("hex");
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** What discovery and capture know of a sample: plain lines, which a person can read. */
export function discovered(objects: readonly KubeObject[]) {
  const all = objectSet(objects);
  const lines = (line: (object: KubeObject) => readonly string[]) =>
    Object.fromEntries(
      objects.flatMap((object) => {
        const found = line(object);
        return found.length > 0 ? [[keyOf(object), found]] : [];
      }),
    );
  return {
    leansOn: lines((object) => [
      ...new Set(
        referencesOf(object, all).map(
          ({ rule, to, optional }) => `${rule}: ${refKey(to)}${optional ? " (can do without)" : ""}`,
        ),
      ),
    ]),
    reads: lines((object) => urisOf(object).map(({ rule, text }) => `${rule}: ${text}`)),
    leftToOthers: lines((object) => {
      const found = notRestored(object, all);
      return found ? [`${found.rule}: ${found.reason}`] : [];
    }),
    ready: lines((object) => {
      const state = readinessOf(object);
      return state === "unknown" ? [] : [state];
    }),
    buckets: bucketUsesOf(all).map(
      ({ bucket, prefix, endpoint, credentials, because }) =>
        `${bucket}/${prefix} at ${endpoint ?? "?"} by ${credentials?.secret ?? "nobody"}: ${because}`,
    ),
    databases: databasesOf(all).map(({ id, engine }) => `${engine} ${id}`),
  };
}

export function keyOf(object: KubeObject): string {
  return refKey(refOf(object));
}

/** Kinds of a profile of which a sample has no object; those of built-in groups have samples elsewhere. */
export function kindsWithoutSample({ kinds }: Profile, objects: readonly KubeObject[]): readonly string[] {
  return kinds
    .filter((kind) => kind.group.includes(".") && !objects.some((object) => isKind(object, kind)))
    .map(({ group, kind }) => `${kind}.${group}`);
}
