import { Fault } from "../../base/fault.ts";
import type { Damage } from "../contract.ts";
import { damageFault, hurtFiles, packsIn } from "./damage.ts";
import { faultOf } from "./exit.ts";
import { run } from "./run.ts";
import type { Session } from "./session.ts";

/**
 * Checks under an exclusive lock if it can be had soon. While somebody writes it checks without one; what looks like damage
 * then may be a writer's or a prune's work, so it is looked at once more under the lock before it is said. A target that may
 * only be read gives no lock at all.
 */
export async function check(session: Session, options: { readData: boolean; signal?: AbortSignal }): Promise<void> {
  const unlocked = () => checkOnce(session, ["--no-lock"], options);
  try {
    return await checkOnce(session, ["--retry-lock", "10s"], options);
  } catch (error) {
    if (isFault(error, "FORBIDDEN")) return unlocked();
    if (!isFault(error, "LOCKED")) throw error;
  }
  try {
    return await unlocked();
  } catch (error) {
    if (!isFault(error, "DAMAGED")) throw error;
    await checkOnce(session, ["--retry-lock", "5m"], options).catch((second: unknown) => {
      throw isFault(second, "LOCKED") ? error : second;
    });
  }
}

const isFault = (error: unknown, code: string) => error instanceof Fault && error.code === code;

async function checkOnce(
  session: Session,
  lock: readonly string[],
  { readData, signal }: { readData: boolean; signal?: AbortSignal },
): Promise<void> {
  const doing = readData ? "check every byte" : "check the structure";
  const lines: unknown[] = [];
  const ending = await run(session, {
    doing,
    args: [...lock, "check", ...(readData ? ["--read-data"] : [])],
    onValue: (value) => lines.push(value),
    ...(signal ? { signal } : {}),
  });
  if (ending.code === 0) return;
  const packs = packsIn(lines, ending.said);
  const fault = faultOf(ending, doing, session.name);
  // Code 1 with packs named, or with words for damage; anything else (no answer, wrong key, ...) says nothing about the data.
  if (packs.length === 0 && !(ending.code === 1 && /error|damaged|not found|missing/i.test(ending.said.join("\n"))))
    throw fault;
  if (fault && (fault.code === "UNAVAILABLE" || fault.code === "FORBIDDEN") && packs.length === 0) throw fault;
  throw damageFault(session.name, await damage(session, packs, ending.said, signal));
}

async function damage(
  session: Session,
  packs: readonly string[],
  messages: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Damage> {
  if (packs.length === 0) return { packs, hurts: [], messages };
  const found: unknown[] = [];
  // Best effort: with a damaged tree the walk stops early, and what it found until then is still worth telling.
  await run(session, {
    doing: "find what the damage hurts",
    args: ["--no-lock", "find", "--pack", ...packs],
    onValue: (value) => found.push(...(Array.isArray(value) ? value : [value])),
    ...(signal ? { signal } : {}),
  });
  return { packs, hurts: hurtFiles(found), messages };
}
