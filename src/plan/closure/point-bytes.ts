import type { BucketRecord, RecoveryPoint } from "../../flow/recovery-point.ts";
import type { HasBytes } from "./dangling.ts";

/** What the buckets of a point hold, by their records. Of volumes a manifest names no files: `files` may know. */
export function bytesOf(point: Pick<RecoveryPoint, "buckets">, files: HasBytes = () => undefined): HasBytes {
  const buckets = new Map(point.buckets.map((record) => [record.id, record]));
  const keys = new Map<string, readonly string[]>();
  return (end) => {
    if (end.kind === "volume") return files(end);
    const record = buckets.get(end.place);
    if (!record || !isListed(record, end.part)) return undefined;
    const sorted = keys.get(record.id) ?? record.objects.map(({ key }) => key).sort();
    keys.set(record.id, sorted);
    return holds(sorted, end.part);
  };
}

/** Points of earlier versions do not say what was listed: an object that is there proves itself, one that is not proves nothing. */
function isListed({ prefixes, objects }: BucketRecord, part: string): boolean {
  if (prefixes) return prefixes.some((prefix) => part.startsWith(prefix));
  return objects.some(({ key }) => isAt(key, part));
}

/** The key itself, or one in the directory of that name: "models/iris" is not "models/iris-old/model.bin". */
export function isAt(key: string, part: string): boolean {
  const directory = part.endsWith("/") ? part : `${part}/`;
  return key === part || key.startsWith(directory);
}

/** By halves: there may be very many of both. */
function holds(sorted: readonly string[], part: string): boolean {
  const directory = part.endsWith("/") ? part : `${part}/`;
  return (
    sorted[firstFrom(sorted, part)] === part || (sorted[firstFrom(sorted, directory)]?.startsWith(directory) ?? false)
  );
}

function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
