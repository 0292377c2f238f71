import type { SnapshotInfo } from "../contract.ts";
import { isAbsolute } from "node:path";
import { removeUnfinished } from "./unfinished.ts";
import { parseSize } from "./prune-size.ts";
import type { SnapshotLine } from "./messages.ts";
import { readValues } from "./reading.ts";
import { runWell } from "./run.ts";
import type { Session } from "./session.ts";

export async function snapshots(session: Session, ids: readonly string[] = []): Promise<SnapshotInfo[]> {
  const args = ["snapshots", ...ids];
  const found = await readValues<readonly SnapshotLine[]>(session, { doing: "list snapshots", args });
  return found.flat().map(({ id, time, hostname, tags }) => ({ id, time, host: hostname, tags: tags ?? [] }));
}

/** Forgets those of the ids that are still there. What they alone held is freed by a prune, now or at the next one. */
export async function forget(
  session: Session,
  ids: readonly string[],
  options: { prune: boolean },
): Promise<{ freed: number }> {
  const wanted = new Set(ids);
  const present = (await snapshots(session)).map(({ id }) => id).filter((id) => wanted.has(id));
  if (present.length > 0) {
    await runWell(session, { doing: "forget snapshots", args: ["--retry-lock", "5m", "forget", ...present] });
  }
  return options.prune ? prune(session) : { freed: 0 };
}

/** prune has no JSON of its own before restic 0.20; its text ends with what it removed. */
async function prune(session: Session): Promise<{ freed: number }> {
  const plain: Session = { ...session, flags: session.flags.filter((flag) => flag !== "--json") };
  const lines: string[] = [];
  await runWell(plain, { doing: "prune", args: ["--retry-lock", "5m", "prune"], onText: (line) => lines.push(line) });
  return { freed: parseSize(lines) };
}

/** Removes every lock, which is right only when all its holders are dead, and indexes the packs that they had finished. */
export async function recover(session: Session): Promise<void> {
  await runWell(session, { doing: "remove locks of dead writers", args: ["unlock", "--remove-all"] });
  await runWell(session, { doing: "repair the index", args: ["--retry-lock", "5m", "repair", "index"] });
  if (isAbsolute(session.location)) await removeUnfinished(session.location);
}
