/**
 * What a mover says on its standard output, one JSON value per line, and how the other side reads it. The log can be read
 * again from its start at any time (a broken connection, a restarted runner): every line means the same the second time.
 */
import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { Fault, type FaultCode } from "../base/fault.ts";
import type { MoverResult } from "./contract.ts";

export type MoverLine =
  | { readonly done: number; readonly total: number }
  /** Bytes read so far, by whatever: a sign of life where `done` stands still (hashing, checking). */
  | { readonly alive: number }
  | { readonly result: MoverResult }
  /** A result too long for one line: piece `index` of `of` of the deflated JSON, base64. */
  | { readonly part: string; readonly index: number; readonly of: number; readonly sha256: string }
  | {
      readonly fault: {
        readonly code: FaultCode;
        readonly message: string;
        readonly hint?: string;
        readonly retry?: "never" | "soon";
      };
    };

/** Container runtimes cut log lines at 16 KiB. */
const maxLine = 8 * 1024;

/** The lines that carry a result. */
export function resultLines(result: MoverResult): string[] {
  const text = JSON.stringify({ result });
  if (text.length <= maxLine) return [text];
  const body = deflateRawSync(Buffer.from(JSON.stringify(result))).toString("base64");
  const of = Math.ceil(body.length / maxLine);
  const sha256 = createHash("sha256").update(body).digest("hex");
  return Array.from({ length: of }, (_, index) =>
    JSON.stringify({ part: body.slice(index * maxLine, (index + 1) * maxLine), index, of, sha256 }),
  );
}

export function faultLine(fault: Fault): string {
  const { code, message, hint, retry } = fault;
  return JSON.stringify({ fault: { code, message, ...(hint ? { hint } : {}), retry } });
}

/** Undefined for what is not a line of a mover (a runtime's own message, a crash's stack). */
export function parseLine(line: string): MoverLine | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as MoverLine;
  } catch {
    return undefined;
  }
}

/** Puts what a log says together. Feed it lines in order; feeding the same log again does no harm. */
export interface LogReader {
  push(line: string): void;
  readonly result: MoverResult | undefined;
  readonly fault: Fault | undefined;
  readonly progress: { readonly done: number; readonly total: number };
  /** Changes whenever the mover got further. */
  readonly mark: string;
  /** The last lines that were no mover's line: what a crash left. */
  readonly tail: readonly string[];
}

export function logReader(): LogReader {
  const parts = new Map<number, string>();
  let result: MoverResult | undefined;
  let fault: Fault | undefined;
  let progress = { done: 0, total: 0 };
  let alive = 0;
  let tail: string[] = [];

  function push(text: string): void {
    const line = parseLine(text.trim());
    if (!line) {
      if (text.trim()) tail = [...tail, text.trim()].slice(-5);
    } else if ("done" in line) {
      if (line.done >= progress.done) progress = { done: line.done, total: line.total };
    } else if ("alive" in line) {
      alive = Math.max(alive, line.alive);
    } else if ("result" in line) {
      result = line.result;
    } else if ("fault" in line) {
      const { code, message, hint, retry } = line.fault;
      fault = new Fault(code, message, { hint, retry });
    } else if ("part" in line) {
      parts.set(line.index, line.part);
      if (parts.size === line.of) result = joined(parts, line.sha256) ?? result;
    }
  }

  return {
    push,
    get result() {
      return result;
    },
    get fault() {
      return fault;
    },
    get progress() {
      return progress;
    },
    get mark() {
      return `${progress.done}/${progress.total}/${alive}/${parts.size}`;
    },
    get tail() {
      return tail;
    },
  };
}

function joined(parts: ReadonlyMap<number, string>, sha256: string): MoverResult | undefined {
  const body = [...parts.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, part]) => part)
    .join("");
  if (createHash("sha256").update(body).digest("hex") !== sha256) return undefined;
  return JSON.parse(inflateRawSync(Buffer.from(body, "base64")).toString("utf8")) as MoverResult;
}
