import { describe, expect, it } from "vitest";
import { pageOf } from "./paging.ts";

const page = (ids: string[], maxEntries: number, startingToken = "") =>
  pageOf(ids, (id) => id, { maxEntries, startingToken });

describe("pageOf", () => {
  it("gives everything and no token without a limit", () =>
    expect(page(["a", "b"], 0)).toEqual({ entries: ["a", "b"], nextToken: "" }));

  it("walks through all pages", () => {
    const first = page(["a", "b", "c"], 2);
    expect(first.entries).toEqual(["a", "b"]);
    expect(page(["a", "b", "c"], 2, first.nextToken)).toEqual({ entries: ["c"], nextToken: "" });
  });

  it("goes on rightly when the last entry of a page is deleted meanwhile", () => {
    const { nextToken } = page(["a", "b", "c"], 2);
    expect(page(["a", "c"], 2, nextToken).entries).toEqual(["c"]);
  });

  it("refuses a token of somebody else", () =>
    expect(() => page(["a"], 1, "invalid-token")).toThrow(expect.objectContaining({ grpc: "ABORTED" })));
});
