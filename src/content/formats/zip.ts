import { type Reader, tailOf, Torn } from "../reader.ts";

export interface ZipEntry {
  readonly name: string;
  readonly method: number; // 0: stored as it is
  readonly size: number; // as stored
  readonly at: number; // of its local header
}

const endLength = 22;
const longestComment = 0xffff;
const mostDirectory = 16 << 20;

/** The list at the end of an archive, which is written last. `Torn` where it is not there. */
export async function readZip(file: Reader): Promise<readonly ZipEntry[]> {
  const tail = await tailOf(file, endLength + longestComment);
  const end = tail.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0 || end + endLength > tail.length) throw new Torn("the end of the archive is missing");
  let size = tail.readUInt32LE(end + 12);
  let at = tail.readUInt32LE(end + 16);
  if (at === 0xffffffff || size === 0xffffffff || tail.readUInt16LE(end + 10) === 0xffff) {
    const locator = end - 20;
    if (locator < 0 || tail.readUInt32LE(locator) !== 0x07064b50) throw new Torn("the end of the archive is missing");
    const record = await file.bytes(Number(tail.readBigUInt64LE(locator + 8)), 56);
    size = Number(record.readBigUInt64LE(40));
    at = Number(record.readBigUInt64LE(48));
  }
  if (size > mostDirectory) return [];
  return entriesOf(await file.bytes(at, size));
}

function entriesOf(directory: Buffer): ZipEntry[] {
  const entries: ZipEntry[] = [];
  for (let at = 0; at + 46 <= directory.length; ) {
    if (directory.readUInt32LE(at) !== 0x02014b50) throw new Torn("the list of the archive cannot be read");
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const name = directory.subarray(at + 46, at + 46 + nameLength).toString("utf8");
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const wide = wideSizes(
      extra,
      directory.readUInt32LE(at + 24),
      directory.readUInt32LE(at + 20),
      directory.readUInt32LE(at + 42),
    );
    entries.push({ name, method: directory.readUInt16LE(at + 10), ...wide });
    at += 46 + nameLength + extraLength + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/** Sizes and places beyond 32 bits lie in an extra field, in this order, each only where it is needed. */
function wideSizes(extra: Buffer, full: number, size: number, at: number): { size: number; at: number } {
  const found = { size, at };
  for (let place = 0; place + 4 <= extra.length; place += 4 + extra.readUInt16LE(place + 2)) {
    if (extra.readUInt16LE(place) !== 1) continue;
    let field = place + 4;
    const next = () => Number(extra.readBigUInt64LE((field += 8) - 8));
    if (full === 0xffffffff) next();
    if (size === 0xffffffff) found.size = next();
    if (at === 0xffffffff) found.at = next();
    break;
  }
  return found;
}

/** The bytes of an entry that is stored as it is; undefined where it is packed, or longer than `most`. */
export async function readEntry(file: Reader, entry: ZipEntry, most: number): Promise<Buffer | undefined> {
  if (entry.method !== 0 || entry.size > most) return undefined;
  const header = await file.bytes(entry.at, 30);
  return file.bytes(entry.at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28), entry.size);
}
