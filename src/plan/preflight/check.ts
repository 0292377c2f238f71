import type { Finding } from "../../base/finding.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { Decided } from "../restore-decided.ts";
import type { TargetFacts } from "../restore-facts.ts";
import type { RestoreComponent } from "../restore-options.ts";
import type { PreflightFacts } from "./facts.ts";
import type { Pods } from "./pods.ts";

export interface PreflightInput {
  readonly facts: PreflightFacts;
  readonly decided: readonly Decided[];
  readonly point: RecoveryPoint;
  readonly target: TargetFacts;
  readonly components: readonly RestoreComponent[];
}

/** An object that the restore writes. Its content is read when it is looked at, once for all checks. */
export interface Written {
  readonly one: Decided;
  readonly kind: string; // kindKey
  readonly key: string; // refKey in the target
  readonly namespace: string; // in the target
  readonly object: KubeObject;
  /** What it brings of pods; undefined where it brings none. */
  readonly pods: Pods | undefined;
}

/**
 * One thing that is looked at before the first write. Pure. Sees each object that is written, one after the other, and holds
 * no more of them than it needs for what it says at the end. Without its facts it says nothing: `unread` does.
 */
export type Check = (input: PreflightInput) => {
  readonly see?: (written: Written) => void;
  readonly findings: () => readonly Finding[];
};

/** Puts `value` to the others of `key`. */
export function gather<K, T>(map: Map<K, T[]>, key: K, value: T): void {
  const same = map.get(key);
  if (same) same.push(value);
  else map.set(key, [value]);
}
