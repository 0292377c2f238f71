import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globMatches, isGlob } from "./glob.ts";

describe("globMatches", () => {
  it.each([
    ["team-a", "team-a", true],
    ["team-a", "team-ab", false],
    ["*", "anything", true],
    ["*", "", true],
    ["team-*", "team-", true],
    ["team-*", "my-team-a", false],
    ["*-prod", "shop-prod", true],
    ["a*b*c", "a1b2b3c", true],
    ["a*b*c", "a1b2b3", false],
    ["ns-?", "ns-1", true],
    ["ns-?", "ns-", false],
    ["ns-[12]", "ns-2", true],
    ["ns-[12]", "ns-3", false],
    ["ns-[a-c]x", "ns-bx", true],
    ["ns-[!a-c]", "ns-b", false],
    ["ns-[^a-c]", "ns-d", true],
    ["system:*", "system:node", true],
    ["a.b", "axb", false],
    ["odd[name", "odd[name", true],
    ["[-x]", "-", true],
  ])("%s and %s: %s", (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected);
  });

  it("agrees with the regular expression that says the same", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "-", "*", "?"), maxLength: 6 });
    fc.assert(
      fc.property(pattern, word, (glob, text) => {
        const same = new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(globMatches(glob, text)).toBe(same.test(text));
      }),
    );
  });

  it("does not get lost in a pattern of many stars", () => {
    const started = Date.now();
    expect(globMatches(`${"*a".repeat(100)}b`, "a".repeat(253))).toBe(false);
    expect(Date.now() - started).toBeLessThan(5000); // a backtracking one would not end at all;
  });
});

describe("isGlob", () => {
  it("tells names from patterns", () => {
    expect(["team-a", "a.b:c", "team-*", "ns-?", "ns-[12]"].map(isGlob)).toEqual([false, false, true, true, true]);
  });
});
