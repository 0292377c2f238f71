/** A batch is closed before it gets larger or longer than this. A snapshot costs as much as many objects. */
export interface BatchLimits {
  readonly bytes: number;
  readonly count: number;
}

/** Cuts a list into batches, in order. Pure. */
export function batches<T extends { readonly size: number }>(items: readonly T[], limits: BatchLimits): T[][] {
  const made: T[][] = [];
  let current: T[] = [];
  let bytes = 0;
  for (const item of items) {
    if (current.length > 0 && (bytes + item.size > limits.bytes || current.length >= limits.count)) {
      made.push(current);
      current = [];
      bytes = 0;
    }
    current.push(item);
    bytes += item.size;
  }
  if (current.length > 0) made.push(current);
  return made;
}
