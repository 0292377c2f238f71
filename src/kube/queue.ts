/**
 * Work by key, as controllers need it: a key waits at most once, is worked on by one at a time, comes again where it was
 * added meanwhile, and backs off where it failed.
 */
import { backoff } from "./backoff.ts";

export interface QueueOptions {
  /** Gives the milliseconds after which the key shall come again by itself, or nothing. */
  work(key: string, signal: AbortSignal): Promise<number | void>;
  /** Keys worked on at once. */
  readonly concurrency?: number;
  readonly baseMs?: number;
  readonly maxMs?: number;
  /** Called for each failure, before its back-off. */
  onError?(key: string, error: unknown, attempt: number, waitMs: number): void;
}

export interface Queue {
  /** At once, or after some time; of several times for one key the earliest counts. */
  add(key: string, afterMs?: number): void;
  /** Keys that wait or are worked on. */
  size(): number;
  /** Takes no more, aborts the signal of running work, waits for it to end. */
  close(): Promise<void>;
}

export function createQueue(options: QueueOptions): Queue {
  const concurrency = options.concurrency ?? 4;
  const stop = new AbortController();
  const waiting = new Set<string>(); // in order of arrival
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>(); // added while they ran
  const timers = new Map<string, { readonly at: number; readonly timer: NodeJS.Timeout }>();
  const failures = new Map<string, number>();

  function add(key: string, afterMs = 0): void {
    if (stop.signal.aborted) return;
    if (afterMs > 0) later(key, afterMs);
    else now(key);
  }

  function later(key: string, afterMs: number): void {
    const at = Date.now() + afterMs;
    const planned = timers.get(key);
    if (planned && planned.at <= at) return;
    clearTimeout(planned?.timer);
    timers.set(key, { at, timer: setTimeout(() => now(key), afterMs) });
  }

  function now(key: string): void {
    clearTimeout(timers.get(key)?.timer);
    timers.delete(key);
    if (running.has(key)) again.add(key);
    else waiting.add(key);
    pump();
  }

  function pump(): void {
    for (const key of waiting) {
      if (running.size >= concurrency || stop.signal.aborted) return;
      waiting.delete(key);
      running.set(key, workOn(key));
    }
  }

  async function workOn(key: string): Promise<void> {
    await Promise.resolve(); // so that the caller has noted this promise before any of the work runs
    try {
      const afterMs = await options.work(key, stop.signal);
      failures.delete(key);
      running.delete(key);
      if (typeof afterMs === "number") add(key, Math.max(1, afterMs));
    } catch (error) {
      running.delete(key);
      if (!stop.signal.aborted) retry(key, error);
    }
    if (again.delete(key)) now(key);
    pump();
  }

  function retry(key: string, error: unknown): void {
    const attempt = failures.get(key) ?? 0;
    failures.set(key, attempt + 1);
    const waitMs = backoff(attempt, options.baseMs ?? 200, options.maxMs ?? 60_000);
    options.onError?.(key, error, attempt + 1, waitMs);
    later(key, waitMs);
  }

  return {
    add,
    size: () => waiting.size + running.size + timers.size,
    async close() {
      stop.abort();
      for (const { timer } of timers.values()) clearTimeout(timer);
      timers.clear();
      waiting.clear();
      again.clear();
      await Promise.allSettled(running.values());
    },
  };
}
