import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "./fault.ts";

export interface WaitOptions {
  /** What is waited for, in words; part of the error when the deadline passes. */
  readonly reason: string;
  readonly seconds: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks `check` until it gives a value other than undefined, and gives that.
 * Fails with TIMEOUT, naming the reason, when the deadline passes; an error of `check` ends the wait.
 */
export async function waitFor<T>(check: () => Promise<T | undefined>, options: WaitOptions): Promise<T> {
  const deadline = Date.now() + options.seconds * 1000;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() >= deadline) {
      throw new Fault("TIMEOUT", `waited ${options.seconds} s for ${options.reason}`, { retry: "soon" });
    }
    await sleep(options.everyMs ?? 500, undefined, { signal: options.signal });
  }
}

/** What `work` gives, or TIMEOUT where that takes too long. The work itself goes on: who started it ends it. */
export async function within<T>(milliseconds: number, work: Promise<T>, what = "the answer"): Promise<T> {
  const stop = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: stop.signal }).then(() => {
    throw new Fault("TIMEOUT", `${what} did not come in ${Math.round(milliseconds / 1000)} s`, { retry: "soon" });
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
    work.catch(() => {});
  }
}
