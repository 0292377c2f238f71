import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { OwnerShift } from "../../movers/contract.ts";

const inFlight = 16;

/** Gives files of one range of user and group ids to the other range, each to the id at the same place; all other owners stay. */
export async function shiftOwners(directory: string, shift: OwnerShift, signal?: AbortSignal): Promise<number> {
  let changed = 0;
  const open: string[] = [directory];
  async function worker(): Promise<void> {
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      signal?.throwIfAborted();
      const stat = await lstat(path);
      if (stat.isDirectory()) for (const name of await readdir(path)) open.push(join(path, name));
      const [uid, gid] = [shifted(stat.uid, shift), shifted(stat.gid, shift)];
      if (uid === stat.uid && gid === stat.gid) continue;
      await lchown(path, uid, gid);
      if (stat.isFile() && (stat.mode & 0o6000) !== 0) await chmod(path, stat.mode & 0o7777); // chown took these bits away
      changed++;
    }
  }
  // One level at a time feeds the others: with an empty list a worker ends, so start again until nothing is left.
  while (open.length > 0) await Promise.all(Array.from({ length: inFlight }, worker));
  return changed;
}

/** The id at the same place of the other range. */
export function shifted(id: number, { from, to, count }: OwnerShift): number {
  return id >= from && id < from + count ? id - from + to : id;
}
