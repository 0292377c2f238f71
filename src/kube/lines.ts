/**
 * The lines of a byte stream, without their ends; a last line without an end counts. `onBytes` is called for each chunk.
 * Bytes are decoded line by line, so a character that spans two chunks stays whole.
 */
export async function* readLines(body: AsyncIterable<unknown>, onBytes?: () => void): AsyncGenerator<string> {
  let pieces: Buffer[] = [];
  for await (const piece of body) {
    onBytes?.();
    const chunk = piece as Buffer;
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      yield joined(pieces, chunk.subarray(start, end));
      pieces = [];
      start = end + 1;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
  }
  if (pieces.length > 0) yield joined(pieces, Buffer.alloc(0));
}

function joined(pieces: readonly Buffer[], last: Buffer): string {
  return (pieces.length === 0 ? last : Buffer.concat([...pieces, last])).toString("utf8");
}
