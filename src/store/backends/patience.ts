/** Waiting for a target that is down, with a deadline, telling people. */
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../../base/fault.ts";
import type { BackendOptions } from "./backend.ts";

const firstPause = 500;
const longestPause = 10_000;
const noteEvery = 30_000;

/**
 * Runs `attempt` until it works, while it fails with a Fault UNAVAILABLE, for at most the patience of the options.
 * `attempt` is told how often it was tried before: a write that was tried before may have been done.
 */
export async function patiently<T>(
  what: string,
  options: BackendOptions,
  attempt: (tried: number) => Promise<T>,
): Promise<T> {
  const seconds = options.patienceSeconds ?? 300;
  const started = Date.now();
  let noted = Number.NEGATIVE_INFINITY;
  for (let tried = 0; ; tried++) {
    options.signal?.throwIfAborted();
    try {
      return await attempt(tried);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "UNAVAILABLE") throw error;
      const waited = Date.now() - started;
      if (waited >= seconds * 1000) throw gaveUp(what, seconds, error);
      if (waited - noted >= noteEvery) {
        options.notes?.(
          `${error.message}; waiting for it, up to ${Math.ceil(seconds - waited / 1000)} s more (${what})`,
        );
        noted = waited;
      }
      await pause(tried, seconds * 1000 - waited, options.signal);
    }
  }
}

/** Doubles, with some chance in it so that many movers do not come back at once. */
function pause(tried: number, left: number, signal: AbortSignal | undefined): Promise<void> {
  const full = Math.min(longestPause, firstPause * 2 ** tried);
  return sleep(Math.min(left, full * (0.75 + Math.random() / 2)), undefined, { signal });
}

function gaveUp(what: string, seconds: number, cause: Fault): Fault {
  return new Fault("UNAVAILABLE", `${cause.message}; gave up after ${seconds} s (${what})`, {
    hint: "check the target's address, its credentials and the network, then run it again: nothing is left half-done",
    retry: "soon",
    cause,
  });
}
