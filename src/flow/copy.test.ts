import { describe, expect, it } from "vitest";
import { copyOf } from "./copy.ts";

describe("copyOf", () => {
  it("copies all that JSON has, and shares nothing", () => {
    const original = { list: [1, "two", { three: null }], big: 2n ** 60n, flag: true, none: undefined };
    const copy = copyOf(original);
    expect(copy).toEqual(original);
    (copy.list[2] as { three: unknown }).three = "changed";
    expect(original.list[2]).toEqual({ three: null });
  });

  it("keeps a field called __proto__ a field", () => {
    const copy = copyOf(JSON.parse('{"data":{"__proto__":{"a":"1"}}}'));
    expect(JSON.stringify(copy)).toBe('{"data":{"__proto__":{"a":"1"}}}');
    expect(copy.data.a).toBeUndefined();
  });
});
