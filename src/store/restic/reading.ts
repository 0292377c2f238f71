/**
 * How content is read: under a lock, which lets writers pass and keeps a prune away. A target that may only be read (a read-only
 * mount, keys that may not write) refuses the lock, and is read without one.
 */
import { Fault } from "../../base/fault.ts";
import { bytes, type RunInput, runWell, values } from "./run.ts";
import type { Session } from "./session.ts";

/** Sessions whose target has refused a lock. */
const refused = new WeakSet<Session>();

/** `runWell`, for a command that only reads. */
export function readWell(session: Session, input: RunInput): Promise<unknown> {
  return reading(session, input, (one) => runWell(session, one));
}

/** `values`, for a command that only reads. */
export function readValues<T>(session: Session, input: RunInput): Promise<T[]> {
  return reading(session, input, (one) => values<T>(session, one));
}

/** `bytes`, for a command that only reads. */
export async function* readBytes(session: Session, input: RunInput): AsyncGenerator<Buffer> {
  let begun = false;
  try {
    for await (const chunk of bytes(session, locked(session, input))) {
      begun = true;
      yield chunk;
    }
    return;
  } catch (error) {
    if (begun || !isRefusal(session, error)) throw error;
  }
  refused.add(session);
  yield* bytes(session, locked(session, input));
}

async function reading<T>(session: Session, input: RunInput, work: (input: RunInput) => Promise<T>): Promise<T> {
  try {
    return await work(locked(session, input));
  } catch (error) {
    if (!isRefusal(session, error)) throw error;
  }
  refused.add(session);
  return work(locked(session, input));
}

/** Reading waits for no backup, only for a prune. */
function locked(session: Session, input: RunInput): RunInput {
  return { ...input, args: [...(refused.has(session) ? ["--no-lock"] : ["--retry-lock", "5m"]), ...input.args] };
}

function isRefusal(session: Session, error: unknown): boolean {
  return error instanceof Fault && error.code === "FORBIDDEN" && !refused.has(session);
}
