/**
 * How many writes are in flight to one API server: more as long as it answers in time, fewer when it says 429 or gets slow.
 * A Retry-After holds all of them, not only the one that it came with: who sends on makes the crowd no smaller.
 */
import { setTimeout as sleep } from "node:timers/promises";

export interface Gate {
  /** Waits for a place; gives what to call with the answer. Rejects where `signal` aborts first. */
  enter(signal?: AbortSignal): Promise<(answer: Answer) => void>;
  readonly limit: number;
}

export interface Answer {
  /** The server took it, or refused it for what it is; "busy" is a 429, with how long it asks to wait. */
  readonly kind: "done" | "busy" | "lost";
  readonly retryAfterMs?: number;
}

export const bounds = { start: 16, least: 2, most: 64, leastForSlow: 8 } as const;
/** Slow is what takes this long, and much longer than it used to. */
const slow = { ms: 1500, times: 6 } as const;
/** Between two steps down; what is in flight tells of the old limit. */
const settleMs = 500;

export function openGate(now: () => number = Date.now): Gate {
  let limit: number = bounds.start;
  let inFlight = 0;
  let beginning = true; // doubles until the first sign that it is enough
  let pausedUntil = 0;
  let loweredAt = 0;
  let usual = 0;
  let best = Number.POSITIVE_INFINITY;
  const queue = new Set<() => void>();

  function wake(): void {
    for (const next of queue) {
      if (inFlight >= Math.floor(limit)) return;
      queue.delete(next);
      inFlight++;
      next();
    }
  }

  function lower(to: number): void {
    if (now() - loweredAt < settleMs) return;
    loweredAt = now();
    beginning = false;
    limit = to;
  }

  function learn(milliseconds: number): void {
    best = Math.min(best, milliseconds);
    usual = usual === 0 ? milliseconds : usual * 0.9 + milliseconds * 0.1;
    if (usual > slow.ms && usual > best * slow.times) return lower(Math.max(bounds.leastForSlow, limit * 0.8));
    // A limit that is far away says nothing.
    if (inFlight >= limit / 2) limit = Math.min(bounds.most, limit + (beginning ? 1 : 1 / limit));
  }

  async function enter(signal?: AbortSignal): Promise<(answer: Answer) => void> {
    await place(signal);
    try {
      for (let left = pausedUntil - now(); left > 0; left = pausedUntil - now())
        await sleep(left * (1 + Math.random() * 0.2), undefined, signal ? { signal } : {});
    } catch (error) {
      inFlight--;
      wake();
      throw error;
    }
    const startedAt = now();
    return ({ kind, retryAfterMs = 1000 }) => {
      if (kind === "done") learn(now() - startedAt);
      if (kind === "busy") {
        lower(Math.max(bounds.least, limit / 2));
        pausedUntil = Math.max(pausedUntil, now() + Math.min(retryAfterMs, 30_000));
      }
      inFlight--;
      wake();
    };
  }

  function place(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (inFlight < Math.floor(limit) && queue.size === 0) {
      inFlight++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const stop = () => {
        if (queue.delete(next)) reject(signal?.reason);
      };
      const next = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      queue.add(next);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  return {
    enter,
    get limit() {
      return Math.floor(limit);
    },
  };
}
