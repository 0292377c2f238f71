/** Reads the tar archives that `restic dump` writes (ustar and PAX, by Go's archive/tar), file by file, without buffering. */
import { posix } from "node:path";
import { Fault } from "../../base/fault.ts";
import type { TreeFile } from "../contract.ts";

const block = 512;

export async function* tarFiles(source: AsyncIterable<Uint8Array>): AsyncIterable<TreeFile> {
  const input = new Input(source);
  let extended: Record<string, string> = {};
  try {
    for (;;) {
      const header = await input.exactly(block);
      if (!header || header.every((byte) => byte === 0)) break;
      const type = String.fromCharCode(header[156] || 48);
      const size = Number(extended.size ?? octal(header.subarray(124, 136)));
      if (type === "x") {
        extended = paxRecords((await input.exactly(size)) ?? Buffer.alloc(0));
        await input.skip(padding(size));
        continue;
      }
      const next = input.position + size + padding(size);
      if (type === "0") yield { path: posix.join("/", extended.path ?? nameOf(header)), size, body: input.take(size) };
      await input.skip(next - input.position); // What the reader left, and the padding.
      extended = {};
    }
    await input.skip(Number.POSITIVE_INFINITY); // To the end, where restic's exit code is.
  } finally {
    await input.close();
  }
}

/** Bytes of a stream in the portions that are asked for. */
class Input {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  position = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** The next at most `most` bytes; undefined at the end. */
  async #some(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return undefined;
      this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    this.position += part.length;
    return part;
  }

  /** `count` bytes in one buffer; undefined where the stream ended before the first of them. */
  async exactly(count: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for await (const part of this.take(count, true)) parts.push(part);
    return parts.length === 0 && count > 0 ? undefined : Buffer.concat(parts);
  }

  async *take(count: number, mayBeAtEnd = false): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      const part = await this.#some(left);
      if (!part && mayBeAtEnd && left === count) return;
      if (!part) throw cutShort();
      left -= part.length;
      yield part;
    }
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) {
      const part = await this.#some(Math.min(left, 1 << 20));
      if (!part && count === Number.POSITIVE_INFINITY) return;
      if (!part) throw cutShort();
      left -= part.length;
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

const cutShort = () => new Fault("DAMAGED", "the archive from restic ended in the middle of a file");
const padding = (size: number) => (block - (size % block)) % block;
const text = (bytes: Buffer) =>
  bytes.subarray(0, bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0)).toString("utf8");
const octal = (bytes: Buffer) => Number.parseInt(text(bytes).trim() || "0", 8);

function nameOf(header: Buffer): string {
  const prefix = text(header.subarray(345, 500));
  const name = text(header.subarray(0, 100));
  return prefix ? `${prefix}/${name}` : name;
}

/** "27 path=objects/ns/x.json\n": the length counts the whole record, in bytes. */
function paxRecords(bytes: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at);
    const length = Number(bytes.toString("latin1", at, space));
    if (space < 0 || !Number.isSafeInteger(length) || length <= 0) break;
    const record = bytes.toString("utf8", space + 1, at + length - 1);
    const equals = record.indexOf("=");
    records[record.slice(0, equals)] = record.slice(equals + 1);
    at += length;
  }
  return records;
}
