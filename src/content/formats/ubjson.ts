import { type Reader, Torn } from "../reader.ts";

/** Bytes of a value, by its type. */
const sizes: Readonly<Record<string, number>> = {
  Z: 0,
  N: 0,
  T: 0,
  F: 0,
  i: 1,
  U: 1,
  C: 1,
  I: 2,
  l: 4,
  d: 4,
  L: 8,
  D: 8,
};
const deepest = 100;

/** Where the first value of a UBJSON file ends: texts and arrays of numbers are stepped over by their lengths. */
export async function endOfUbjson(file: Reader): Promise<number> {
  let at = 0;
  const type = async () => (await file.bytes(at++, 1)).toString("latin1");
  const peek = async () => (await file.bytes(at, 1)).toString("latin1");

  async function length(of?: string): Promise<number> {
    const kind = of ?? (await type());
    const size = sizes[kind];
    if (!size || !"iUIlL".includes(kind)) throw new Torn("cannot be read as UBJSON");
    const bytes = await file.bytes(at, size);
    at += size;
    if (kind === "U") return bytes.readUInt8();
    return size === 8 ? Number(bytes.readBigInt64BE()) : bytes.readIntBE(0, size);
  }

  async function skipText(): Promise<void> {
    const count = await length(); // which moves `at` too
    at += count;
  }

  async function skip(kind: string, depth: number): Promise<void> {
    const size = sizes[kind];
    if (depth > deepest) throw new Torn("cannot be read as UBJSON");
    if (size !== undefined) at += size;
    else if (kind === "S" || kind === "H") await skipText();
    else if (kind === "[" || kind === "{") await skipMany(kind, depth);
    else throw new Torn("cannot be read as UBJSON");
  }

  /** With a type and a count before them, or up to the closing bracket. */
  async function skipMany(kind: string, depth: number): Promise<void> {
    const close = kind === "[" ? "]" : "}";
    let shared: string | undefined;
    let count: number | undefined;
    if ((await peek()) === "$") {
      at++;
      shared = await type();
    }
    if ((await peek()) === "#") {
      at++;
      count = await length();
      if (kind === "[" && shared && sizes[shared] !== undefined) {
        at += count * sizes[shared]!;
        return;
      }
    }
    for (let index = 0; count === undefined || index < count; index++) {
      if (count === undefined && (await peek()) === close) {
        at++;
        return;
      }
      if (kind === "{") await skipText();
      await skip(shared ?? (await type()), depth + 1);
    }
  }

  await skip(await type(), 0);
  if (at > file.size) throw new Torn(`ends after ${file.size} bytes, where more have to be`);
  return at;
}
