import { describe, expect, it } from "vitest";
import { isIrreducible, randomPolynomial } from "./polynomial.ts";

describe("polynomials over GF(2)", () => {
  it("tells those without divisors from the others", () => {
    const small = Array.from({ length: 14 }, (_, index) => BigInt(index + 2));
    // x, x+1, x^2+x+1, x^3+x+1, x^3+x^2+1
    expect(small.filter(isIrreducible)).toEqual([2n, 3n, 7n, 11n, 13n]);
    expect(isIrreducible(0x3da3358b4dc173n)).toBe(true); // the one of restic's own tests
    expect(isIrreducible(0x3da3358b4dc173n ^ 1n)).toBe(false);
  });

  it("finds one of degree 53, each time another", () => {
    const [one, other] = [randomPolynomial(), randomPolynomial()];
    expect(one >> 53n).toBe(1n);
    expect(isIrreducible(one)).toBe(true);
    expect(one).not.toBe(other);
  });
});
