/**
 * Cuts a JSON list into its items without parsing it: each item's own bytes, as they came, and the envelope around them.
 * Works on chunks of any size, so memory is one item, not one list.
 */
import { Fault } from "../base/fault.ts";

export interface ListEnvelope {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly resourceVersion?: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

export interface ListSplitter {
  /** Gives the items that end in this chunk. */
  push(chunk: Buffer): Buffer[];
  /** The list without its items. Faults where the list is cut off or none. */
  end(): ListEnvelope;
  /** What is known of the envelope so far, as text. */
  envelope(): string;
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** The key can only stand after "{" or ","; a string that merely contains it has a backslash before the quote. */
const itemsKey = /[{,\s]"items"\s*:\s*$/;

export function splitList(): ListSplitter {
  const envelope: Buffer[] = [];
  let partial: Buffer[] = []; // pieces of an item that began in an earlier chunk
  let depth = 0;
  let inString = false;
  let escaped = false;
  let inItems = false;

  function envelopeText(): string {
    return Buffer.concat(envelope).toString("utf8");
  }

  function push(chunk: Buffer): Buffer[] {
    const items: Buffer[] = [];
    let itemStart = inItems && depth > 2 ? 0 : -1;
    let envelopeStart = inItems ? -1 : 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inString = false;
        continue;
      }
      if (byte === quote) {
        inString = true;
      } else if (byte === openBrace || byte === openBracket) {
        depth++;
        if (inItems && depth === 3) {
          itemStart = at;
        } else if (!inItems && byte === openBracket && depth === 2) {
          envelope.push(Buffer.from(chunk.subarray(envelopeStart, at)));
          envelopeStart = at;
          if (!itemsKey.test(envelopeText().slice(-64))) continue;
          envelope.push(Buffer.from("["));
          inItems = true;
          envelopeStart = -1;
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        depth--;
        if (inItems && depth === 2) {
          items.push(takeItem(chunk.subarray(itemStart, at + 1)));
          itemStart = -1;
        } else if (inItems && depth === 1) {
          inItems = false;
          envelopeStart = at;
        }
      }
    }
    // The rest is copied: a chunk's memory belongs to the socket's reader.
    if (itemStart >= 0) partial.push(Buffer.from(chunk.subarray(itemStart)));
    if (envelopeStart >= 0) envelope.push(Buffer.from(chunk.subarray(envelopeStart)));
    return items;
  }

  function takeItem(last: Buffer): Buffer {
    const item = Buffer.concat([...partial, last]);
    partial = [];
    return item;
  }

  function end(): ListEnvelope {
    try {
      return JSON.parse(envelopeText()) as ListEnvelope;
    } catch (error) {
      throw new Fault("UNAVAILABLE", "the list ended before it was complete", { retry: "soon", cause: error });
    }
  }

  return { push, end, envelope: envelopeText };
}
