import type { Finding } from "../base/finding.ts";
import type { ObjectRef } from "../flow/object.ts";
import { refKey } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { Outcome, RestoreReport } from "../flow/restore-plan.ts";
import type { StageDeps } from "../movers/stage.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Journal } from "./journal.ts";
import type { Rewrite } from "./rewrite.ts";

/** What a restore needs of the world. */
export interface RestoreDeps extends StageDeps {
  /** Names everything temporary; the same when the restore starts again after a kill. */
  readonly run: string;
  /** Where this restore may be killed and taken up again; none where nobody would take it up. */
  readonly journal?: Journal;
  /** Other deadlines than the usual ones. */
  readonly deadlines?: Partial<Deadlines>;
}

/** What the steps of one restore share. Each step adds its part. */
export interface RestoreContext extends RestoreDeps {
  readonly point: RecoveryPoint;
  readonly journal: Journal;
  /** What buckets are called now; a step that rewrites needs the bucket's step, so it finds all that concern it. */
  readonly rewrites: Rewrite[];
  /** uids of what this restore wrote, for owner references. By refKey in the target. */
  readonly uids: Map<string, string>;
  /** What was sent to be created and got no answer: it may be there. By refKey. */
  readonly unanswered: Set<string>;
  readonly report: {
    /** By refKey: how each object ended; the last word counts. */
    readonly outcomes: Map<string, Outcome>;
    readonly volumes: RestoreReport["volumes"][number][];
    readonly buckets: RestoreReport["buckets"][number][];
    readonly rewrites: string[];
    readonly findings: Finding[];
  };
}

/** Notes how an object ended. */
export function settle({ report }: RestoreContext, ref: ObjectRef, result: Outcome["result"], reason: string): void {
  report.outcomes.set(refKey(ref), { ref, result, reason });
}
