/** As far as both go: 12.4.1 is 12.4. Negative where `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((one) => one.split(".").map(Number));
  for (let index = 0; index < Math.min(left!.length, right!.length); index++) {
    const difference = left![index]! - right![index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
