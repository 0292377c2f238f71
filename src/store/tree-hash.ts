import { createHash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";

/**
 * SHA-256 over the list "path\0mode\0size\0sha256\n" of all regular files under `directory`, in the order of the paths' bytes.
 * path: relative, with "/", as the bytes on disk; mode: permission bits as four octal digits ("0644"); size: decimal;
 * sha256: of the content, lower-case hex. Two trees with equal values hold the same files. Streams; memory stays small.
 */
export async function treeSha256(directory: string, options: { signal?: AbortSignal } = {}): Promise<string> {
  const total = createHash("sha256");
  for await (const line of inOrder(regularFiles(directory), 4, (path) => describe(directory, path, options.signal))) {
    total.update(line);
  }
  return total.digest("hex");
}

/** A directory sorts as its name with "/", so that the walk gives the order of the whole paths. */
async function* regularFiles(root: string, folder = Buffer.alloc(0)): AsyncGenerator<Buffer> {
  const entries = await readdir(under(root, folder), { withFileTypes: true, encoding: "buffer" });
  const keyed = entries
    .filter(counts)
    .map((entry) => ({ entry, key: entry.isDirectory() ? concat(entry.name, "/") : entry.name }));
  keyed.sort((a, b) => Buffer.compare(a.key, b.key));
  for (const { entry, key } of keyed) {
    const path = Buffer.concat([folder, key]);
    if (entry.isDirectory()) yield* regularFiles(root, path);
    else yield path;
  }
}

const counts = (entry: Dirent<Buffer>) => entry.isFile() || entry.isDirectory();
const concat = (name: Buffer, end: string) => Buffer.concat([name, Buffer.from(end)]);
const under = (root: string, path: Buffer) => Buffer.concat([Buffer.from(`${root}/`), path]);

async function describe(root: string, path: Buffer, signal: AbortSignal | undefined): Promise<Buffer> {
  signal?.throwIfAborted();
  const file = under(root, path);
  const { mode, size } = await lstat(file);
  const permissions = (mode & 0o7777).toString(8).padStart(4, "0");
  return Buffer.concat([path, Buffer.from(`\0${permissions}\0${size}\0${await fileSha256(file, signal)}\n`)]);
}

const portion = 1 << 20;

async function fileSha256(path: Buffer, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await file.stat();
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(size, portion)));
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Works on a few items at a time, gives the results in the order of the items. */
async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      running.push(work(item));
      if (running.length >= width) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}
