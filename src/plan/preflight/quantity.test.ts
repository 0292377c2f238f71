import { amountOf } from "../../base/quantity.ts";
import { describe, expect, it } from "vitest";
import { formatAmount } from "./quantity.ts";

describe("a quantity", () => {
  it.each([
    ["1500m", 1.5],
    ["2", 2],
    ["2Gi", 2 ** 31],
    ["1.5G", 1.5e9],
    ["1e3", 1000],
    ["12E", 12e18],
    ["100u", 1e-4],
    [4, 4],
    ["+3Ki", 3072],
  ])("%s is %d", (text, amount) => expect(amountOf(text)).toBeCloseTo(amount, 9));

  it.each(["", "abc", "1 Gi", undefined, "1..5", "Gi"])("%s is none", (text) => expect(amountOf(text)).toBeUndefined());

  it("is shown in the unit of its resource", () => {
    expect(formatAmount("requests.memory", 2 ** 31)).toBe("2Gi");
    expect(formatAmount("memory", 300 * 2 ** 20)).toBe("300Mi");
    expect(formatAmount("requests.cpu", 1.5)).toBe("1.5");
  });
});
