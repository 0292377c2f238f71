import type { Finding } from "../base/finding.ts";
import type { KubeObject, ObjectRef } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { Decision } from "../flow/restore-plan.ts";
import type { ObjectSet } from "../profiles/object-set.ts";
import type { TargetFacts } from "./restore-facts.ts";
import type { RestoreComponent } from "./restore-options.ts";

/** One object of the point with what becomes of it. */
export interface Decided {
  readonly original: KubeObject;
  readonly ref: ObjectRef; // in the point
  readonly targetRef: ObjectRef;
  readonly component: RestoreComponent;
  readonly decision: Decision;
  /** What is written; only where decision.action is "create". */
  readonly planned?: KubeObject;
  /** `planned` as it was before the person's transforms; only where they changed it. */
  readonly base?: KubeObject;
  /** What a rule could not do. */
  readonly problems?: readonly Finding[];
}

/** Is there something to write? Asks without a look at it. */
export function isWritten({ decision }: Decided): boolean {
  return decision.action === "create";
}

/** What steps are made of. */
export interface StepsInput {
  readonly point: RecoveryPoint;
  readonly decided: readonly Decided[];
  readonly all: ObjectSet;
  readonly target: TargetFacts;
  readonly components: readonly RestoreComponent[];
}
