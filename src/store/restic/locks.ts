import type { LockHolder } from "../contract.ts";
import { bytes } from "./run.ts";
import type { Session } from "./session.ts";

/** Who holds a lock, as restic wrote it; undefined for one that has gone meanwhile. */
export async function lockHolder(session: Session, id: string): Promise<LockHolder | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of bytes(session, { doing: "read a lock", args: ["--no-lock", "cat", "lock", id] }))
      parts.push(part);
  } catch {
    return undefined;
  }
  const { hostname, pid, time } = JSON.parse(Buffer.concat(parts).toString()) as LockHolder;
  return { hostname, pid, time };
}
