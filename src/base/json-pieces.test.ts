import fc from "fast-check";
import { expect, it } from "vitest";
import "./json.ts"; // whole numbers of 64 bits
import { jsonPieces } from "./json-pieces.ts";

it("is what JSON.stringify gives", () => {
  fc.assert(
    fc.property(fc.anything({ withDate: true, maxDepth: 4 }), (value) => {
      const whole = JSON.stringify(value, undefined, 2) ?? "null";
      expect([...jsonPieces(value)].join("")).toBe(whole);
    }),
  );
  expect([...jsonPieces({ a: undefined, b: [undefined, 1n], c: {} })].join("")).toBe(
    '{\n  "b": [\n    null,\n    1\n  ],\n  "c": {}\n}',
  );
});

it("is never longer than an entry of a list in a field", () => {
  const report = { at: "x", outcomes: Array.from({ length: 500 }, (_, index) => ({ name: `n${index}`, text: "t\n" })) };
  expect(Math.max(...[...jsonPieces(report)].map((one) => one.length))).toBeLessThan(100);
});
