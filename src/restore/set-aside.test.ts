import { describe, expect, it } from "vitest";
import type { BucketObject } from "../flow/recovery-point.ts";
import { setAside } from "./set-aside.ts";

const keys = (list: readonly string[], ...paths: string[]) =>
  setAside(
    list.map((key) => ({ key }) as BucketObject),
    paths.map((path) => ({ kind: "set-aside", path })),
  ).map(({ key }) => key);

describe("keys of what is set aside", () => {
  it("are those of its directory and no other", () => {
    expect(keys(["r/20/a", "r/20/b/c", "r/20.x/a", "r/200/a", "r/10/a"], "r/20")).toEqual([
      "r/20.partial/a",
      "r/20.partial/b/c",
      "r/20.x/a",
      "r/200/a",
      "r/10/a",
    ]);
  });

  it("are that of one object, or all of a prefix", () => {
    expect(keys(["m_10.pt", "m_20.pt"], "m_20.pt")).toEqual(["m_10.pt", "m_20.pt.partial"]);
    expect(keys(["ckpt-2.index", "ckpt-2.data-0", "ckpt-20.index"], "ckpt-2")).toEqual([
      "ckpt-2.index.partial",
      "ckpt-2.data-0.partial",
      "ckpt-20.index",
    ]);
  });
});
