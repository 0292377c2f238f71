import type { BucketObject, BucketRecord, RecoveryPoint } from "../../flow/recovery-point.ts";
import type { HasBytes } from "./dangling.ts";

/** What the buckets of a point hold, by their records. Of volumes a manifest names no files: `files` may know. */
export function bytesOf(point: Pick<RecoveryPoint, "buckets">, files: HasBytes = () => undefined): HasBytes {
  const buckets = new Map(point.buckets.map((record) => [record.id, record]));
  return (end) => {
    if (end.kind === "volume") return files(end);
    const record = buckets.get(end.place);
    if (!record) return undefined;
    // Points of earlier versions do not say what was listed: an object that is there proves itself, one that is not nothing.
    const isListed = record.prefixes?.some((prefix) => end.part.startsWith(prefix));
    return objectsAt(record, end.part).length > 0 || (isListed ? false : undefined);
  };
}

/** The key itself, or one in the directory of that name: "models/iris" is not "models/iris-old/model.bin". */
export function isAt(key: string, part: string): boolean {
  return key === part || key.startsWith(directoryOf(part));
}

/** The objects of a record at that place. By halves: there may be very many of objects, and of those who ask. */
export function objectsAt(record: BucketRecord, part: string): readonly BucketObject[] {
  const all = sortedOf(record);
  const directory = directoryOf(part);
  const own = all[firstFrom(all, part)];
  const found = own?.key === part && part !== directory ? [own] : [];
  for (let at = firstFrom(all, directory); all[at]?.key.startsWith(directory); at++) found.push(all[at]!);
  return found;
}

const sorted = new WeakMap<BucketRecord, readonly BucketObject[]>();

function sortedOf(record: BucketRecord): readonly BucketObject[] {
  const known = sorted.get(record) ?? record.objects.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  sorted.set(record, known);
  return known;
}

function directoryOf(part: string): string {
  return part.endsWith("/") ? part : `${part}/`;
}

function firstFrom(all: readonly BucketObject[], key: string): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
