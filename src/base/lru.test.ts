import { describe, expect, it } from "vitest";
import { lru } from "./lru.ts";

describe("lru", () => {
  it("lets go of what was not looked at for longest", () => {
    const cache = lru<string>(3);
    cache.set(1, "a", 1);
    cache.set(2, "b", 1);
    cache.set(3, "c", 1);
    expect(cache.get(1)).toBe("a");
    cache.set(4, "d", 1);
    expect([1, 2, 3, 4].map((key) => cache.get(key))).toEqual(["a", undefined, "c", "d"]);
  });

  it("counts a value once, however often it is set", () => {
    const cache = lru<string>(2);
    for (let round = 0; round < 5; round++) cache.set(1, "a", 1);
    cache.set(2, "b", 1);
    expect(cache.get(1)).toBe("a");
  });

  it("keeps one that is heavier than the limit, alone", () => {
    const cache = lru<string>(2);
    cache.set(1, "a", 1);
    cache.set(2, "huge", 9);
    expect([cache.get(1), cache.get(2)]).toEqual([undefined, "huge"]);
    cache.set(3, "c", 1);
    expect([cache.get(2), cache.get(3)]).toEqual([undefined, "c"]);
  });
});
