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
