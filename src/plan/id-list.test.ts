import { describe, expect, it } from "vitest";
import { idList } from "./id-list.ts";

describe("idList", () => {
  it.each([0, 1, 15, 16, 17, 500])("holds %i ids once each, in their order", (count) => {
    const ids = Array.from({ length: count }, (_, index) => `id-${index}`);
    const list = idList([...ids, ...ids]);
    expect([...list]).toEqual(ids);
    expect([list.has("id-0"), list.has(`id-${count - 1}`), list.has("none")]).toEqual([count > 0, count > 0, false]);
  });
});
