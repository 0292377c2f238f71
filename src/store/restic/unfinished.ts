import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";

const oldMs = 3_600_000;

/**
 * In a directory restic writes "<id>-tmp-<number>" and renames it; a killed one leaves it for good, up to a pack in size.
 * Removes those that nobody has written to for an hour: a living writer's are younger.
 */
export async function removeUnfinished(repository: string, now = Date.now()): Promise<void> {
  for (const entry of await readdir(repository, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/^[0-9a-f]{64}-tmp-\d+$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const age = now - ((await stat(path).catch(() => undefined))?.mtimeMs ?? now);
    if (age > oldMs) await unlink(path).catch(() => {}); // Somebody else removed it.
  }
}
