import type { RestoreStep } from "../flow/restore-plan.ts";

export interface GraphWork {
  /** Does the step; true if what needs it may go on. Never throws. */
  readonly perform: (step: RestoreStep) => Promise<boolean>;
  /** Told of a step that is not tried, with the ids of needs that failed. */
  readonly blocked: (step: RestoreStep, failed: readonly string[]) => void;
}

/**
 * Runs steps as soon as what they need is done. Steps are sorted: each comes after its needs. One that failed holds back
 * only what needs it.
 */
export async function runGraph(steps: readonly RestoreStep[], work: GraphWork): Promise<void> {
  const results = new Map<string, Promise<boolean>>();
  for (const step of steps) results.set(step.id, runStep(step, results, work));
  await Promise.all(results.values());
}

async function runStep(
  step: RestoreStep,
  results: ReadonlyMap<string, Promise<boolean>>,
  work: GraphWork,
): Promise<boolean> {
  await Promise.all((step.after ?? []).map((id) => results.get(id)));
  const states = await Promise.all(step.needs.map(async (id) => ((await results.get(id)) === false ? id : undefined)));
  const failed = states.filter((id) => id !== undefined);
  if (failed.length === 0) return work.perform(step);
  work.blocked(step, failed);
  return false;
}
