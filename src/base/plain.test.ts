import { expect, it } from "vitest";
import { fromPlain, toPlain } from "./plain.ts";

it("brings Maps and Sets through JSON, also inside each other", () => {
  const value = {
    a: new Map([["x", new Set(["1", "2"])]]),
    b: [new Map(), new Set()],
    c: { $map: 1, d: null },
    e: "text",
  };
  expect(fromPlain(JSON.parse(JSON.stringify(toPlain(value))))).toEqual(value);
});
