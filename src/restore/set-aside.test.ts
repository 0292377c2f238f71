import { describe, expect, it } from "vitest";
import type { BucketObject } from "../flow/recovery-point.ts";
import { edited, setAside } from "./set-aside.ts";

const keys = (list: readonly string[], ...paths: string[]) =>
  setAside(
    list.map((key) => ({ key }) as BucketObject),
    paths.map((path) => ({ kind: "set-aside", path })),
  ).map(({ key }) => key);

describe("markers in a bucket", () => {
  it("are written anew where one names what is set aside, and only where the point has one", () => {
    const objects = ["run/latest", "run/global_step10/a", "run/global_step20/a"].map(
      (key) => ({ key }) as BucketObject,
    );
    const aside = { kind: "set-aside", path: "run/global_step20" } as const;
    const marker = { kind: "write", path: "run/latest", text: "global_step10" } as const;
    expect(edited(objects, [aside, marker])).toEqual({
      objects: [{ key: "run/global_step10/a" }, { key: "run/global_step20.partial/a" }],
      written: [{ key: "run/latest", text: "global_step10" }],
    });
    expect(edited(objects.slice(1), [marker])).toEqual({ objects: objects.slice(1) });
  });
});

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
