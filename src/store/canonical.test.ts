import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical.ts";

describe("canonicalJson", () => {
  it("sorts members by UTF-16 units and leaves out what is undefined", () => {
    expect(canonicalJson({ b: 1, a: { d: undefined, c: [undefined, null] }, é: 0, z: 0, Z: 0 })).toBe(
      '{"Z":0,"a":{"c":[null,null]},"b":1,"z":0,"é":0}',
    );
  });

  it("keeps the value, and is the same for the same value in another order", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});
