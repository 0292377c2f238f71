import { constants } from "node:fs";
import { lstat, open, opendir } from "node:fs/promises";
import { join } from "node:path";
import type { Tree, TreeEntry } from "./tree.ts";

/** Programs and their caches: many files, and no state. */
const skipped = new Set([".git", "node_modules", "site-packages", "dist-packages", "__pycache__"]);
/** What may happen to a file of a volume that is in use. */
const gone = new Set(["ENOENT", "ENOTDIR", "EACCES", "ESTALE", "ELOOP"]);

/** A mounted volume. Symbolic links are not followed. What vanishes while it is listed is left out. */
export function directoryTree(root: string, signal?: AbortSignal): Tree {
  return {
    kind: "files",
    list: () => walk(root, "", signal),
    async read(path, offset, length) {
      const file = await open(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const buffer = Buffer.alloc(length);
        const { bytesRead } = await file.read(buffer, 0, length, offset);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
  };
}

async function* walk(root: string, folder: string, signal: AbortSignal | undefined): AsyncGenerator<TreeEntry> {
  const directory = await unlessGone(opendir(join(root, folder)));
  if (!directory) return;
  for await (const entry of directory) {
    signal?.throwIfAborted();
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (skipped.has(entry.name)) continue;
      yield { path: `${path}/`, size: 0, mtime: 0 };
      yield* walk(root, path, signal);
    } else if (entry.isFile()) {
      const stat = await unlessGone(lstat(join(root, path)));
      if (stat) yield { path, size: stat.size, mtime: stat.mtimeMs };
    }
  }
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (gone.has(error.code ?? "")) return undefined;
    throw error;
  });
}
