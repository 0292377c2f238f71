import { relative } from "node:path";

/** A file of a vitest report, as far as it tells times. */
export interface FileTimes {
  readonly name: string;
  readonly assertionResults: readonly { readonly fullName: string; readonly duration?: number | null }[];
}

export interface Spent {
  readonly what: string;
  readonly milliseconds: number;
}

export function testTimes(files: readonly FileTimes[]): Spent[] {
  return files.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, duration }) => ({
      what: `${relative(process.cwd(), name)}: ${fullName}`,
      milliseconds: duration ?? 0,
    })),
  );
}

/** Of a step whose files run one after the other: what was not its tests. */
export function hookTime(step: string, milliseconds: number, tests: readonly Spent[]): Spent {
  const inTests = tests.reduce((sum, one) => sum + one.milliseconds, 0);
  return { what: `${step}: hooks and imports`, milliseconds: Math.max(0, milliseconds - inTests) };
}

export function slowest(spent: readonly Spent[], count: number): string[] {
  return spent
    .toSorted((a, b) => b.milliseconds - a.milliseconds)
    .slice(0, count)
    .map(({ what, milliseconds }) => `${(milliseconds / 1000).toFixed(1).padStart(7)} s  ${what}`);
}
