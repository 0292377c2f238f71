import { parseQuantity } from "../../base/sizes.ts";

/** Bytes in "total prune:   12 blobs / 3.500 MiB"; 0 where nothing was removed. */
export function parseSize(lines: readonly string[]): number {
  for (const line of lines) {
    const match = /^total prune:\s+\d+ blobs \/ ([\d.]+) ([KMGTP]i)?B$/.exec(line.trim());
    if (match) return parseQuantity(match[1]! + (match[2] ?? "")) ?? 0;
  }
  return 0;
}
