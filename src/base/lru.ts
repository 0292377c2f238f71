/** What was looked at last, up to a weight: values that can be made again, and are cheaper to keep than to make. */
export interface Lru<V> {
  get(key: number): V | undefined;
  set(key: number, value: V, weight: number): void;
}

/** A value that is heavier than the whole limit is kept until the next one comes: it is asked for several times in a row. */
export function lru<V>(limit: number): Lru<V> {
  const kept = new Map<number, { readonly value: V; readonly weight: number }>();
  let total = 0;
  return {
    get(key) {
      const found = kept.get(key);
      if (!found) return undefined;
      kept.delete(key); // a Map goes by age: the oldest is the one that was not looked at for longest
      kept.set(key, found);
      return found.value;
    },
    set(key, value, weight) {
      total += weight - (kept.get(key)?.weight ?? 0);
      kept.delete(key);
      kept.set(key, { value, weight });
      for (const [oldest, { weight: freed }] of kept) {
        if (total <= limit || kept.size === 1) return;
        kept.delete(oldest);
        total -= freed;
      }
    },
  };
}
