import type { Checkpoint, TrainingRun } from "../flow/contents.ts";

const most = 10;

/** A run with its checkpoints in order. Frameworks resume from the highest step; where one has none, times decide. */
export function runOf(
  run: Pick<TrainingRun, "directory" | "framework" | "marker">,
  found: readonly Checkpoint[],
): TrainingRun {
  const hasSteps = found.every(({ step }) => step !== undefined);
  const byTime = (a: Checkpoint, b: Checkpoint) => Date.parse(b.at) - Date.parse(a.at);
  const inOrder = found.toSorted((a, b) => (hasSteps ? b.step! - a.step! : 0) || byTime(a, b));
  const good = inOrder.find(({ state }) => state === "complete");
  const listed = inOrder.filter((one, place) => place < most || one === good);
  return {
    ...run,
    checkpoints: listed,
    ...(good ? { newestComplete: good.path } : {}),
    ...(found.length > listed.length ? { more: found.length - listed.length } : {}),
  };
}
