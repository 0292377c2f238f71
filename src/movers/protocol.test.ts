import { describe, expect, it } from "vitest";
import { Fault } from "../base/fault.ts";
import type { MoverResult } from "./contract.ts";
import { faultLine, logReader, resultLines } from "./protocol.ts";

const small: MoverResult = {
  kind: "saved",
  snapshot: "ab".repeat(32),
  files: 3,
  bytes: 10,
  added: 5,
  treeSha256: "cd".repeat(32),
};
const large: MoverResult = {
  kind: "bucket-saved",
  bytes: 1,
  added: 1,
  objects: Array.from({ length: 2000 }, (_, index) => ({
    key: `models/${index}/wéights.bin`,
    etag: String(index),
    size: index,
    sha256: String(index * 7919).padStart(64, "f"),
    lastModified: "2026-01-01T00:00:00Z",
    snapshot: "a",
    path: `/b/models/${index}`,
  })),
};

describe("a mover's log", () => {
  it("carries a small result in one line", () => {
    const reader = logReader();
    for (const line of resultLines(small)) reader.push(`${line}\n`);
    expect(resultLines(small)).toHaveLength(1);
    expect(reader.result).toEqual(small);
  });

  it("carries a large result in many lines, also when the log is read twice and breaks in between", () => {
    const lines = resultLines(large);
    expect(lines.length).toBeGreaterThan(3);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(16 * 1024);
    const reader = logReader();
    for (const line of lines.slice(0, 2)) reader.push(line);
    expect(reader.result).toBeUndefined();
    for (const line of lines) reader.push(line);
    expect(reader.result).toEqual(large);
  });

  it("gives no result where a piece is wrong", () => {
    const lines = resultLines(large);
    const wrong = lines[1]!.replace(/"part":"..../, '"part":"AAAA');
    const reader = logReader();
    for (const line of [lines[0]!, wrong, ...lines.slice(2)]) reader.push(line);
    expect(reader.result).toBeUndefined();
  });

  it("gives the fault, and keeps what a crash said", () => {
    const reader = logReader();
    reader.push("FATAL ERROR: out of memory");
    reader.push(faultLine(new Fault("TARGET_FULL", "the target is full", { hint: "add space", retry: "soon" })));
    expect(reader.fault).toMatchObject({
      code: "TARGET_FULL",
      message: "the target is full",
      hint: "add space",
      retry: "soon",
    });
    expect(reader.tail).toEqual(["FATAL ERROR: out of memory"]);
  });

  it("marks progress, and never goes back when the log is read again", () => {
    const reader = logReader();
    reader.push('{"done":5,"total":10}');
    const mark = reader.mark;
    reader.push('{"done":1,"total":10}');
    expect(reader.mark).toBe(mark);
    reader.push('{"alive":4096}');
    expect(reader.mark).not.toBe(mark);
    expect(reader.progress).toEqual({ done: 5, total: 10 });
  });
});
