import { createHash } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** What is written at once: a write for every item would take longer than the list. */
const portion = 64 << 10;

export interface ListFile {
  readonly count: number;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a v1 List of whole items, one per line, as `kubectl apply -f` takes it. Nothing is written where there is no item. The file is
 * as long as the list, memory as some items.
 */
export async function writeListFile(path: string, items: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<ListFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  let count = 0;
  let bytes = 0;
  let pieces: Buffer[] = [];
  let waiting = 0;
  const flush = async () => {
    const together = Buffer.concat(pieces);
    pieces = [];
    waiting = 0;
    hash.update(together);
    bytes += together.length;
    await file.writeFile(together);
  };
  const write = async (...parts: readonly Buffer[]) => {
    pieces.push(...parts);
    waiting += parts.reduce((sum, part) => sum + part.length, 0);
    if (waiting >= portion) await flush();
  };
  try {
    for await (const item of items) {
      const before = count++ === 0 ? '{"apiVersion":"v1","kind":"List","metadata":{},"items":[\n' : ",\n";
      await write(Buffer.from(before), item);
    }
    if (count > 0) await write(Buffer.from("\n]}\n"));
    await flush();
  } finally {
    await file.close();
  }
  if (count === 0) await rm(path);
  return { count, bytes, sha256: hash.digest("hex") };
}
