/**
 * Many small texts that are looked at again and again, in little memory: packed together and compressed, a hundred at a
 * time. What is more than memory should hold goes to a sealed file.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { lru } from "./lru.ts";
import { type SealedFile, type SealedPlace, openSealedFile } from "./sealed-file.ts";

export interface Shelf {
  /** Gives the number by which `get` finds it. */
  put(text: string | Uint8Array): number;
  get(number: number): string;
  /** The same as bytes: a copy of its own. */
  bytes(number: number): Buffer;
  /** How many bytes its texts have, how many of them memory holds, and how many the file. */
  size(): { readonly texts: number; readonly memory: number; readonly file: number };
  close(): void;
}

export interface ShelfOptions {
  /** Where the overflow goes: a directory on a disk. Without one everything stays in memory. */
  readonly directory?: string;
  /** Compressed bytes that memory may hold before that. */
  readonly memory?: number;
}

/** Large enough to compress well, small enough to be opened for one text. */
const blockSize = 32 * 1024;
/** Opened blocks: the lists that are read side by side, and what they lean on. */
const openBytes = 1024 * 1024;
const defaultMemory = 8 * 1024 * 1024;
const slabSize = 1024 * 1024;
const whole = { chunkSize: blockSize }; // an opened block in one piece
const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function openShelf({ directory, memory = defaultMemory }: ShelfOptions = {}): Shelf {
  const blocks: (Buffer | SealedPlace)[] = [];
  const opened = lru<Buffer>(openBytes);
  const places = placeTable();
  const slabs = openSlabs();
  const filling = Buffer.allocUnsafeSlow(blockSize); // the block that is being filled, not yet compressed
  let filled = 0;
  let file: SealedFile | undefined;
  const sizes = { texts: 0, memory: 0, file: 0 };

  function keepBlock(bytes: Uint8Array): void {
    const packed = zstdCompressSync(bytes, fast);
    if (directory === undefined || sizes.memory + packed.length <= memory) {
      blocks.push(slabs.keep(packed));
      sizes.memory += packed.length;
      return;
    }
    file ??= openSealedFile(directory);
    blocks.push(file.append(packed));
    sizes.file += packed.length;
  }

  function endBlock(): void {
    if (filled > 0) keepBlock(filling.subarray(0, filled));
    filled = 0;
  }

  function blockAt(number: number): Buffer {
    if (number === blocks.length) return filling;
    const known = opened.get(number);
    if (known) return known;
    const block = blocks[number]!;
    const bytes = zstdDecompressSync(Buffer.isBuffer(block) ? block : file!.read(block), whole);
    opened.set(number, bytes, bytes.length);
    return bytes;
  }

  return {
    put(text) {
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      const { length } = bytes;
      sizes.texts += length;
      if (filled + length > blockSize) endBlock();
      const number = places.add(blocks.length, filled, length);
      if (length > blockSize) keepBlock(bytes);
      else {
        filling.set(bytes, filled);
        filled += length;
      }
      return number;
    },
    get(number) {
      const { block, at, length } = places.get(number);
      return blockAt(block).toString("utf8", at, at + length);
    },
    bytes(number) {
      const { block, at, length } = places.get(number);
      return Buffer.from(blockAt(block).subarray(at, at + length));
    },
    size: () => ({ ...sizes, memory: sizes.memory + filled }),
    close() {
      file?.close();
    },
  };
}

/**
 * Copies that live long, in large pieces. A piece of memory for each would lie between those that live for a moment, and
 * what is given back around it would stay with this process.
 */
function openSlabs() {
  let slab = Buffer.alloc(0);
  let filled = 0;
  return {
    keep(bytes: Buffer): Buffer {
      if (bytes.length > slabSize) return Buffer.concat([bytes]);
      if (filled + bytes.length > slab.length) {
        slab = Buffer.allocUnsafeSlow(slabSize);
        filled = 0;
      }
      const copy = slab.subarray(filled, filled + bytes.length);
      filled += bytes.copy(copy);
      return copy;
    },
  };
}

/** Three numbers a text, in an array that grows: an object for each would weigh more than some of the texts. */
function placeTable() {
  let table = new Uint32Array(3 * 1024);
  let count = 0;
  return {
    add(block: number, at: number, length: number): number {
      if (3 * count + 3 > table.length) {
        const larger = new Uint32Array(Math.ceil(table.length * 1.5));
        larger.set(table);
        table = larger;
      }
      table.set([block, at, length], 3 * count);
      return count++;
    },
    get(number: number): { readonly block: number; readonly at: number; readonly length: number } {
      if (number < 0 || number >= count) throw new RangeError(`the shelf holds ${count} texts, not ${number}`);
      return { block: table[3 * number]!, at: table[3 * number + 1]!, length: table[3 * number + 2]! };
    },
  };
}
