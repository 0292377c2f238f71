/**
 * What a running step knows of its surroundings: its place among the objects in flight, and the deadlines of this restore.
 * Carried beside the calls (AsyncLocalStorage), so that a wait deep inside of a step can give its place away.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import pLimit from "p-limit";
import { type Deadlines, defaultDeadlines } from "./deadlines.ts";

interface Place {
  readonly limit: { concurrency: number } | undefined;
  readonly deadlines: Deadlines;
}

const places = new AsyncLocalStorage<Place>();

export interface Pace {
  /** At most so many of these at a time; one that waits aside does not count. */
  crowded<T>(work: () => Promise<T>): Promise<T>;
  /** Outside of that count. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export function openPace(most: number, change: Partial<Deadlines> = {}): Pace {
  const limit = pLimit(most);
  const deadlines = { ...defaultDeadlines, ...change };
  return {
    crowded: (work) => limit(() => places.run({ limit, deadlines }, work)),
    alone: (work) => places.run({ limit: undefined, deadlines }, work),
  };
}

/** A wait during which another step may go on in this one's place: a hundred refused objects hold nobody up. */
export async function aside<T>(wait: () => Promise<T>): Promise<T> {
  const place = places.getStore();
  const limit = place?.limit;
  if (!limit) return wait();
  limit.concurrency++;
  try {
    return await places.run({ ...place, limit: undefined }, wait);
  } finally {
    limit.concurrency--;
  }
}

/** The deadline of a wait, in seconds. */
export function secondsFor(wait: keyof Deadlines): number {
  return (places.getStore()?.deadlines ?? defaultDeadlines)[wait];
}
