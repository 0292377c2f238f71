import type { Tree, TreeEntry } from "./tree.ts";

/** The file ends before what it says it holds. */
export class Torn extends Error {}
/** What was read does not say whether the file is whole. */
export class Unsure extends Error {}

/** One file, read in pieces; what was read last is kept, so that small steps through a header cost one read. */
export interface Reader {
  readonly path: string;
  readonly size: number;
  /** Exactly `length` bytes, or `Torn`. */
  bytes(offset: number, length: number): Promise<Buffer>;
}

const piece = 256 << 10;
/** More than any header that is worth reading: the vocabulary of a large model has a few MiB. */
const mostBytes = 64 << 20;
const mostReads = 600;

export function readerOf(tree: Tree, { path, size }: TreeEntry): Reader {
  let at = 0;
  let kept: Buffer = Buffer.alloc(0);
  let reads = 0;
  let total = 0;
  return {
    path,
    size,
    async bytes(offset, length) {
      if (offset + length > size || offset < 0) throw new Torn(`ends after ${size} bytes, where more have to be`);
      if (offset >= at && offset + length <= at + kept.length) return kept.subarray(offset - at, offset - at + length);
      const wanted = Math.min(Math.max(length, piece), size - offset);
      total += wanted;
      if (++reads > mostReads || total > mostBytes) throw new Unsure("its header is too long to be looked at");
      kept = await tree.read(path, offset, wanted);
      at = offset;
      if (kept.length < length) throw new Torn(`ends after ${offset + kept.length} bytes, where more have to be`);
      return kept.subarray(0, length);
    },
  };
}

/** The last bytes of a file, at most `length`. */
export async function tailOf(file: Reader, length: number): Promise<Buffer> {
  const size = Math.min(length, file.size);
  return file.bytes(file.size - size, size);
}
