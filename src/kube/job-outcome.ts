import type { KubeObject } from "../flow/object.ts";

export interface JobOutcome {
  readonly ok: boolean;
  readonly message: string;
  readonly at: number; // milliseconds; when it ended
}

/** How a Job ended; undefined while it has not. */
export function jobOutcome(job: KubeObject): JobOutcome | undefined {
  for (const condition of job.status?.conditions ?? []) {
    if (condition.status !== "True") continue;
    const at = Date.parse(condition.lastTransitionTime ?? "") || 0;
    if (condition.type === "Complete") return { ok: true, message: "", at };
    if (condition.type === "Failed")
      return { ok: false, message: `${condition.reason}: ${condition.message ?? ""}`, at };
  }
  return undefined;
}
