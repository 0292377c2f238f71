/** Weights that changed between two points of one plan without a word in a registry: tampering, or a silent overwrite. */
import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { BucketRecord, PointReference, RecoveryPoint, ReferenceEnd } from "../../flow/recovery-point.ts";
import type { RegistryRows } from "../../flow/rows.ts";
import { finding } from "../findings/table.ts";
import { artifactKey, versionKey } from "./nodes.ts";
import { isAt, objectsAt } from "./point-bytes.ts";

type Looked = Pick<RecoveryPoint, "id" | "buckets" | "namespaces" | "references" | "registries">;

/** Where files of volumes changed, by the id of the volume and a path in it; paths below that path. undefined: not known. */
export type ChangedFiles = (end: ReferenceEnd) => readonly string[] | undefined;

/** `earlier`: the points of the plan before `now`, newest first. The newest is compared; older ones may know the bytes. */
export function tamperingFindings(
  earlier: readonly Looked[],
  now: Looked,
  filesOf: ChangedFiles = () => undefined,
): readonly Finding[] {
  const [before, ...older] = earlier;
  if (!before) return [];
  // A registry that was asked then and is silent now may well know of a new version.
  const answers = new Set((now.registries ?? []).map(({ registry }) => registry));
  if ((before.registries ?? []).some(({ registry }) => !answers.has(registry))) return [];
  const told = registered(before, now);
  const places = new Map<string, { readonly end: ReferenceEnd; readonly roots: string[] }>();
  for (const { root, ends } of (now.references ?? []).filter(isModel)) {
    for (const end of ends) {
      const known = places.get(end.uri) ?? { end, roots: [] };
      known.roots.push(root.name);
      places.set(end.uri, known);
    }
  }
  return [...places.values()].flatMap(({ end, roots }) => {
    const changed = end.kind === "volume" ? filesOf(end) : changedObjects(end, before, now);
    if (!changed || changed.length === 0 || told(end)) return [];
    const again = older.find((one) => holdsSame(end, one, now));
    const back = again ? `; they are again as in point ${again.id}, as after a restore` : "";
    return [
      finding(
        "WEIGHTS_CHANGED",
        end.uri,
        `${someOf(changed, 4)} changed since point ${before.id}, and no registry tells of a new version; it is the model of ${someOf(roots, 3)}${back}`,
        `find out who wrote it; the earlier bytes are in point ${before.id}: holdfast restore ${before.id}`,
      ),
    ];
  });
}

function isModel({ root }: PointReference): boolean {
  return root.kind === "endpoint" || root.kind === "version";
}

/** Keys that hold other bytes than before, and those that were there before and are gone. New ones change no old weights. */
function changedObjects(end: ReferenceEnd, before: Looked, now: Looked): readonly string[] {
  const old = recordOf(end, before);
  const current = recordOf(end, now);
  if (!old || !current) return [];
  const bytes = new Map(objectsAt(current, end.part).map((one) => [one.key, one.sha256]));
  return objectsAt(old, end.part).flatMap(({ key, sha256 }) => (bytes.get(key) === sha256 ? [] : [key]));
}

function holdsSame(end: ReferenceEnd, then: Looked, now: Looked): boolean {
  const record = recordOf(end, then);
  return record !== undefined && objectsAt(record, end.part).length > 0 && changedObjects(end, then, now).length === 0;
}

/** The same bucket has the same id; one that a restore made anew has another, and nothing can be said of it. */
function recordOf({ place }: ReferenceEnd, { buckets }: Looked): BucketRecord | undefined {
  return buckets.find((one) => one.id === place);
}

/** Did a registry row that is new, or was written since, speak of this place? Both points must know its rows. */
function registered(before: Looked, now: Looked): (end: ReferenceEnd) => boolean {
  const old = new Map((before.registries ?? []).map((rows) => [rows.registry, stampsOf(rows)]));
  const fresh = new Set(
    (now.registries ?? []).flatMap((rows) => {
      const known = old.get(rows.registry);
      return [...stampsOf(rows)].flatMap(([key, stamp]) => (known?.get(key) === stamp ? [] : [key]));
    }),
  );
  const uris = new Map<string, string[]>();
  for (const { root, ends } of now.references ?? []) {
    if (root.kind !== "version" || !fresh.has(root.key)) continue;
    for (const { place, part } of ends) uris.set(place, [...(uris.get(place) ?? []), part]);
  }
  return ({ place, part }) => (uris.get(place) ?? []).some((own) => isAt(own, part) || isAt(part, own));
}

/** When each version, or artifact without one, was last written: by it or by one of its artifacts. */
function stampsOf(rows: RegistryRows): ReadonlyMap<string, string> {
  return new Map([
    ...rows.versions.map(({ id, updated, artifacts }): [string, string] => [
      versionKey(rows, id),
      [updated, ...artifacts.map((one) => `${one.id} ${one.uri} ${one.updated}`)].join("|"),
    ]),
    ...rows.apart.map((one): [string, string] => [artifactKey(rows, one.id), `${one.uri} ${one.updated}`]),
  ]);
}
