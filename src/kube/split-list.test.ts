import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fault } from "../base/fault.ts";
import { splitList } from "./split-list.ts";

/** Cuts `bytes` at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...at, bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index]!, edge));
}

function run(chunks: readonly Buffer[]): { items: string[]; envelope: unknown } {
  const splitter = splitList();
  const items = chunks.flatMap((chunk) => splitter.push(chunk)).map((item) => item.toString("utf8"));
  return { items, envelope: splitter.end() };
}

/** Text that looks like JSON's own signs, where a splitter goes wrong first. */
const nasty = fc.constantFrom('"', "\\", '\\"', "{", "}", "[", "]", '"items":[', '{,"items":[', "\n", "é", "🜂");
const text = fc.oneof(
  fc.string(),
  fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join("")),
);
const value = fc.jsonValue({ maxDepth: 4, stringUnit: "binary" });
const item = fc.dictionary(text, fc.oneof(value, text));
const spaces = fc.constantFrom(undefined, 1, 2, "\t");

describe("splitList", () => {
  it("gives each item's own bytes and the envelope, for any list and any chunking", () => {
    const before = fc.dictionary(
      text.filter((key) => key !== "items"),
      fc.oneof(value, text),
    );
    fc.assert(
      fc.property(
        before,
        fc.array(item, { maxLength: 8 }),
        before,
        spaces,
        fc.array(fc.nat(), { maxLength: 12 }),
        (a, items, b, indent, places) => {
          const list = { ...a, items, ...b };
          const result = run(cut(Buffer.from(JSON.stringify(list, null, indent)), places));
          expect(result.items.map((each) => JSON.parse(each))).toEqual(JSON.parse(JSON.stringify(items)));
          expect(result.envelope).toEqual(JSON.parse(JSON.stringify({ ...list, items: [] })));
        },
      ),
      { numRuns: 400 },
    );
  });

  it("keeps the bytes as they were, one byte at a time", () => {
    const items = ['{"spec":{"big":9223372036854775807,"text":"a\\"]}"}}', '{ "a" :\n[1.0, 1e3] }', "{}"];
    const bytes = Buffer.from(`{"kind":"ThingList","items": [${items.join(" ,\n")} ],"metadata":{"continue":"x"}}`);
    const result = run([...bytes].map((byte) => Buffer.from([byte])));
    expect(result.items).toEqual(items);
    expect(result.envelope).toEqual({ kind: "ThingList", items: [], metadata: { continue: "x" } });
  });

  it("knows a list without items", () => {
    expect(run([Buffer.from('{"kind":"PodList","items":null}')]).items).toEqual([]);
    expect(run([Buffer.from('{"kind":"PodList","items":[]}')]).items).toEqual([]);
  });

  it("refuses a list that was cut off", () => {
    expect(() => run([Buffer.from('{"kind":"PodList","items":[{"a":1},{"b":')])).toThrow(Fault);
    expect(() => run([Buffer.from('{"kind":"PodList","items":[{"a":1}')])).toThrow(/before it was complete/);
    expect(() => run([])).toThrow(Fault);
  });
});
