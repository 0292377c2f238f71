import type { Checkpoint, Completeness, Contents, TrainingRun, Weights } from "../flow/contents.ts";
import { runOf } from "./run.ts";

const why = "was written while the volume was read";

/**
 * Of a volume that was read while it was in use: looked at before and after. What is the same in both was so in between, and
 * is so in the copy; of the rest nobody knows what the copy has.
 */
export function steadyContents(before: Contents | undefined, after: Contents | undefined): Contents | undefined {
  if (!after)
    return before && { ...before, weights: before.weights.map(unsure), runs: before.runs.map((run) => ofRun([], run)) };
  const weights = new Map((before?.weights ?? []).map((one) => [one.path, one]));
  const checkpoints = (before?.runs ?? []).flatMap((run) => run.checkpoints);
  return {
    ...after,
    weights: after.weights.map((one) => (same(weights.get(one.path), one) ? one : unsure(one))),
    runs: after.runs.map((run) => ofRun(checkpoints, run)),
  };
}

function ofRun(before: readonly Checkpoint[], run: TrainingRun): TrainingRun {
  const known = new Map(before.map((one) => [one.path, one]));
  const checkpoints = run.checkpoints.map((one) => {
    const was = known.get(one.path);
    return same(was, one) && was?.at === one.at ? one : unsure(one);
  });
  const { more, directory, framework, marker } = run;
  const made = runOf({ directory, framework, ...(marker ? { marker } : {}) }, checkpoints);
  return more ? { ...made, more } : made;
}

function same(was: Weights | Checkpoint | undefined, is: Weights | Checkpoint): boolean {
  return was !== undefined && was.files === is.files && was.bytes === is.bytes && was.state === is.state;
}

/** What was cut off at the end of the read is cut off in the copy too, or not there. */
function unsure<T extends { readonly state: Completeness; readonly why?: string }>(one: T): T {
  return one.state === "partial" ? one : { ...one, state: "unknown", why };
}
