import type { Checkpoint, ContentEdit, Contents, TrainingRun } from "../../flow/contents.ts";
import { goodCheckpoint } from "../../flow/contents.ts";
import type { RestoreComponent } from "../restore-options.ts";

/** What has to change in the files of a point so that each run resumes from its newest complete checkpoint. */
export function editsOf(contents: Contents | undefined): readonly ContentEdit[] {
  return (contents?.runs ?? []).flatMap((run) => [
    ...partialOnes(run).map(({ path }) => ({ kind: "set-aside" as const, path })),
    ...markerEdit(run),
  ]);
}

/** The edits of a step, where the person asked for them. */
export function withEdits(
  contents: Contents | undefined,
  { flags }: RestoreComponent,
): { readonly edits?: readonly ContentEdit[] } {
  const edits = flags.setAsidePartialCheckpoints ? editsOf(contents) : [];
  return edits.length > 0 ? { edits } : {};
}

export function partialOnes({ checkpoints }: TrainingRun): readonly Checkpoint[] {
  return checkpoints.filter(({ state, path }) => state === "partial" && path !== "");
}

/** The file that names the newest one is written anew where it names something else than the newest complete one. */
function markerEdit(run: TrainingRun): readonly ContentEdit[] {
  const good = goodCheckpoint(run);
  const { marker, framework } = run;
  if (!marker || !good) return [];
  const text = markerText(framework, good);
  if (text === undefined || namesIt(marker.names, good)) return [];
  return [{ kind: "write", path: marker.path, text }];
}

function namesIt(names: string, { path, step }: Checkpoint): boolean {
  const last = path.slice(path.lastIndexOf("/") + 1);
  return names === last || names.endsWith(`/${last}`) || (names !== "" && Number(names) === step);
}

function markerText(framework: TrainingRun["framework"], { path, step }: Checkpoint): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (framework === "DeepSpeed") return name;
  if (framework === "Megatron-LM") return step === undefined ? undefined : String(step);
  return framework === "TensorFlow"
    ? `model_checkpoint_path: "${name}"\nall_model_checkpoint_paths: "${name}"\n`
    : undefined;
}
