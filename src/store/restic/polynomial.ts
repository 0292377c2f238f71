import { randomBytes } from "node:crypto";

/** Polynomials over GF(2), a bit for each coefficient: what restic cuts files into pieces by. */
const degree = 53;

/** One that has no divisors, chosen at random, as each repository has its own. */
export function randomPolynomial(): bigint {
  for (;;) {
    const random = BigInt(`0x${randomBytes(7).toString("hex")}`) & ((1n << BigInt(degree)) - 1n);
    const candidate = random | (1n << BigInt(degree)) | 1n;
    if (isIrreducible(candidate)) return candidate;
  }
}

/** Ben-Or: no divisor of degree i divides x^(2^i) - x, for any i up to half the degree. */
export function isIrreducible(polynomial: bigint): boolean {
  const half = (degreeOf(polynomial) / 2) | 0;
  let power = 2n; // x
  for (let i = 1; i <= half; i++) {
    power = remainder(square(power), polynomial);
    if (greatestDivisor(polynomial, power ^ 2n) !== 1n) return false;
  }
  return true;
}

function square(value: bigint): bigint {
  return BigInt(`0b${[...value.toString(2)].join("0")}`);
}

function remainder(value: bigint, by: bigint): bigint {
  const size = degreeOf(by);
  let rest = value;
  for (let at = degreeOf(rest); at >= size && rest !== 0n; at = degreeOf(rest)) rest ^= by << BigInt(at - size);
  return rest;
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestDivisor(b, remainder(a, b));
}

function degreeOf(value: bigint): number {
  return value.toString(2).length - 1;
}
