import { describe, expect, it } from "vitest";
import { parts } from "../parts.ts";
import { platformParts } from "../platform/parts.ts";
import { inOrder } from "./order.ts";
import type { Part } from "./part.ts";

const part = (name: string, ...needs: string[]): Part => ({ name, needs, seconds: { cold: 0, warm: 0 } });
const names = (ordered: readonly Part[]) => ordered.map(({ name }) => name).join(" ");

describe("inOrder", () => {
  it("puts every part after what it needs, and else keeps the order", () => {
    expect(names(inOrder([part("c", "b"), part("x"), part("b", "a"), part("a")]))).toBe("a b c x");
  });

  it("refuses a circle and says where it is", () => {
    expect(() => inOrder([part("a", "b"), part("b", "c"), part("c", "a")])).toThrow("a -> b -> c -> a");
  });

  it("refuses a need that nobody fills, and two parts of one name", () => {
    expect(() => inOrder([part("a", "ghost")])).toThrow("part a needs ghost");
    expect(() => inOrder([part("a"), part("a")])).toThrow("two parts of one name: a");
  });

  it("can order the lab itself", () => {
    const all = [...parts, ...platformParts];
    const ordered = inOrder(all).map(({ name }) => name);
    expect(ordered).toHaveLength(all.length);
    expect(ordered.indexOf("etcd")).toBeLessThan(ordered.indexOf("apiserver"));
    expect(ordered.indexOf("apiserver")).toBeLessThan(ordered.indexOf("kubelet"));
  });
});
