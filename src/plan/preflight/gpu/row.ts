import type { Finding } from "../../../base/finding.ts";
import type { Hardware } from "../../../flow/hardware.ts";
import type { PreflightInput } from "../check.ts";
import type { NodeFact } from "../facts.ts";
import type { Ask } from "./ask.ts";

/** A serving runtime: model formats in small letters. */
export interface Runtime {
  readonly key: string;
  readonly formats: ReadonlySet<string>;
  readonly needsAccelerator: boolean;
}

/** What a comparison of devices looks at. */
export interface GpuInput extends PreflightInput {
  readonly asks: readonly Ask[];
  readonly nodes: readonly NodeFact[];
  /** Serving runtimes that come back too. */
  readonly runtimes: readonly Runtime[];
  /** Of the point. */
  readonly before: Hardware;
  /** Of the target. */
  readonly now: Hardware;
}

/** One comparison. Pure. What it does not know of both sides it says nothing of. */
export type Row = (input: GpuInput) => readonly Finding[];

/** Asks whose pods have somewhere to go: of the others the missing device, or label, says it all. */
export function placed({ asks }: GpuInput): readonly Ask[] {
  return asks.filter((one) => one.nodes.length > 0);
}

/** The best of what is known: undefined where nothing is. */
export function most(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((one) => one !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

/** One finding for all that lack the same. */
export function together<T>(
  items: readonly T[],
  sayOf: (item: T) => { readonly key: string; readonly message: string } | undefined,
): readonly { readonly message: string; readonly keys: readonly string[] }[] {
  const found = new Map<string, string[]>();
  for (const item of items) {
    const said = sayOf(item);
    if (!said) continue;
    const same = found.get(said.message);
    if (same) same.push(said.key);
    else found.set(said.message, [said.key]);
  }
  return [...found].map(([message, keys]) => ({ message, keys: [...new Set(keys)] }));
}
