import type { RecoveryPoint, ReferenceEnd } from "../flow/recovery-point.ts";
import { isAt } from "../plan/closure/point-bytes.ts";
import type { TargetStore } from "../store/contract.ts";

/** Is there a file at a path of a captured volume? Only volumes of which some reference names a path are listed. */
export async function volumeFiles(
  target: TargetStore,
  { references = [], namespaces }: RecoveryPoint,
): Promise<(end: ReferenceEnd) => boolean | undefined> {
  const ends = references.flatMap((one) => one.ends.filter(({ kind }) => kind === "volume"));
  const known = new Map<string, boolean>();
  for (const record of namespaces.flatMap((one) => one.volumes)) {
    const wanted = new Set(ends.filter(({ place }) => place === record.volume.id).map(({ part }) => part));
    if (wanted.size === 0 || record.volume.mode === "Block") continue;
    for (const part of wanted) known.set(keyOf(record.volume.id, part), false);
    const repository = await target.existingRepository(record.repository);
    for await (const { path, isLink } of repository.listFiles(record.snapshot)) {
      const own = path.replace(/^\/+/, "");
      for (const part of wanted) {
        // Where a link leads is not listed: a cache of models is made of them, and "current" may be one.
        if (isLink && (isAt(own, part) || isAt(part, own))) known.delete(keyOf(record.volume.id, part));
        if (isLink || !isAt(own, part)) continue;
        known.set(keyOf(record.volume.id, part), true);
        wanted.delete(part);
      }
      if (wanted.size === 0) break;
    }
  }
  return ({ place, part }) => known.get(keyOf(place, part));
}

function keyOf(place: string, part: string): string {
  return `${place} ${part}`;
}
