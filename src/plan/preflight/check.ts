import type { Finding } from "../../base/finding.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { Decided } from "../restore-decided.ts";
import type { TargetFacts } from "../restore-facts.ts";
import type { RestoreComponent } from "../restore-options.ts";
import type { PreflightFacts } from "./facts.ts";

export interface PreflightInput {
  readonly facts: PreflightFacts;
  readonly decided: readonly Decided[];
  readonly point: RecoveryPoint;
  readonly target: TargetFacts;
  readonly components: readonly RestoreComponent[];
}

/** One thing that is looked at before the first write. Pure. Gives nothing where its facts are absent: `unread` says so. */
export type Check = (input: PreflightInput) => readonly Finding[];

/** "a, b and 3 more". */
export function someOf(names: Iterable<string>, limit = 5): string {
  const all = [...new Set(names)];
  const shown = all.slice(0, limit).join(", ");
  return all.length > limit ? `${shown} and ${all.length - limit} more` : shown;
}

/** Puts `value` to the others of `key`. */
export function gather<T>(map: Map<string, T[]>, key: string, value: T): void {
  const same = map.get(key);
  if (same) same.push(value);
  else map.set(key, [value]);
}
