/** Runs work so that two pieces with the same key never overlap; they run in the order they came. */
export type KeyedLock = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Makes a KeyedLock. */
export function keyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const turn = (tails.get(key) ?? Promise.resolve()).then(work, work);
    tails.set(key, turn);
    const forget = () => tails.get(key) === turn && tails.delete(key);
    turn.then(forget, forget);
    return turn;
  };
}
