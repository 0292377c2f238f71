import type { KubeObject } from "../flow/object.ts";

/** How a Job ended; undefined while it has not. */
export function jobOutcome(job: KubeObject): { readonly ok: boolean; readonly message: string } | undefined {
  for (const condition of job.status?.conditions ?? []) {
    if (condition.status !== "True") continue;
    if (condition.type === "Complete") return { ok: true, message: "" };
    if (condition.type === "Failed") return { ok: false, message: `${condition.reason}: ${condition.message ?? ""}` };
  }
  return undefined;
}
