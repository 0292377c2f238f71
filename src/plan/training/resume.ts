/** What becomes of training that was under way: from which checkpoint it goes on, what is lost, and where it starts anew. */
import type { Finding } from "../../base/finding.ts";
import { someOf } from "../../base/some-of.ts";
import { formatDuration } from "../../base/sizes.ts";
import {
  checkpointName,
  type Framework,
  goodCheckpoint,
  setAsideSuffix,
  type TrainingRun,
} from "../../flow/contents.ts";
import { controllerOf, type KubeObject, refKey } from "../../flow/object.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import { endOf, heldValue, isRunKind, runKindOf } from "../../profiles/runs.ts";
import { type Decided, isWritten } from "../restore-decided.ts";
import type { RestoreComponent } from "../restore-options.ts";
import { partialOnes } from "./edits.ts";
import { type RunUses, runsIn, usesOf } from "./uses.ts";

export interface TrainingInput {
  readonly point: RecoveryPoint;
  readonly decided: readonly Decided[];
  readonly components: readonly RestoreComponent[];
}

export function trainingFindings(input: TrainingInput): Finding[] {
  return [...input.decided.flatMap((one) => ofJob(one, input)), ...partialCheckpoints(input)];
}

interface Kept {
  readonly run: TrainingRun;
  readonly where: string; // "claim data", "bucket models"
  readonly cutAt: string;
}

function ofJob(one: Decided, { point }: TrainingInput): Finding[] {
  const { ref, targetRef, component } = one;
  if (!isWritten(one) || !isRunKind(ref) || component.flags.onlyData) return [];
  const { original } = one;
  if (endOf(original) || controllerOf(original)) return [];
  const uses = usesOf(original);
  const kept = component.flags.onlyMetadata ? [] : keptBy(original, uses, point);
  const good = kept.filter(({ run }) => run.newestComplete !== undefined);
  if (good.length === 0) {
    const isNews = kept.length > 0 || (uses.isTraining && !isHeld(original)); // one that waits has nothing to lose
    return isNews ? [fromZero(targetRef, uses, kept)] : [];
  }
  const [best] = good.toSorted((a, b) => timeOf(b) - timeOf(a)); // the same training may write to several places
  return [resumeHint(targetRef, best!, good.length)];
}

function isHeld(job: KubeObject): boolean {
  const run = runKindOf(job);
  return run !== undefined && heldValue(job, run) === run.value;
}

function keptBy(job: KubeObject, uses: RunUses, point: RecoveryPoint): readonly Kept[] {
  const { namespace, name } = job.metadata;
  const volumes = point.namespaces.find((one) => one.name === namespace)?.volumes ?? [];
  const inVolumes = volumes.flatMap(({ volume, contents, cutAt }) => {
    const { emptyDir, claim } = volume;
    const isOwn = emptyDir?.owner === `${job.kind}/${name}`; // its pods may get their volumes from a runtime
    const place = emptyDir
      ? isOwn && (uses.emptyDirs.find((one) => one.name === emptyDir.name) ?? { directories: [] })
      : uses.claims.find((one) => one.name === claim);
    const where = emptyDir ? `emptyDir ${emptyDir.name}, which comes back as claim ${claim}` : `claim ${claim}`;
    return place ? runsIn(contents, place).map((run) => ({ run, where, cutAt })) : [];
  });
  const inBuckets = point.buckets.flatMap(({ bucket, contents, credentials, listedAt }) => {
    const named = uses.buckets.find((one) => one.name === bucket);
    const byKeys = credentials.namespace === namespace && uses.secrets.includes(credentials.secret);
    if (!named && !byKeys) return [];
    const runs = runsIn(contents, named ?? { directories: [] });
    return runs.map((run) => ({ run, where: `bucket ${bucket}`, cutAt: listedAt }));
  });
  return [...inVolumes, ...inBuckets];
}

function timeOf({ run }: Kept): number {
  return Date.parse(goodCheckpoint(run)?.at ?? "") || 0;
}

const howTo: Partial<Record<Framework, string>> = {
  "Hugging Face Trainer": "resume_from_checkpoint=True takes the highest step that it finds",
  Accelerate: "load_state takes it; the scripts of diffusers by --resume_from_checkpoint=latest, which is the highest",
  DeepSpeed: "load_checkpoint takes what the file latest names",
  "Megatron-LM": "--load takes what latest_checkpointed_iteration.txt names",
  Orbax: "CheckpointManager.latest_step() finds it",
  "PyTorch Lightning": 'fit(ckpt_path="last" or this file) takes it',
  "Ray Train": "a run of the same name and storage path goes on by itself",
  TensorFlow: "tf.train.latest_checkpoint takes what the file checkpoint names",
};

function resumeHint(ref: Decided["targetRef"], { run, where, cutAt }: Kept, places: number): Finding {
  const good = goodCheckpoint(run)!;
  const later = run.checkpoints.filter(({ step = 0, at }) => step > (good.step ?? 0) || at > good.at);
  const lost = Math.max(0, Date.parse(cutAt) - Date.parse(good.at));
  const partial = later.length > 0 ? `; ${someOf(later.map(checkpointName), 3)} not complete` : "";
  return {
    code: "RESUME_FROM_CHECKPOINT",
    severity: "info",
    subject: refKey(ref),
    message: `it can go on from ${checkpointName(good)} in ${where} (${run.framework}): the work of the ${formatDuration(lost)} before the backup is lost${partial}${places > 1 ? `; ${places} places hold complete checkpoints, and this is the newest` : ""}`,
    advice: `let it go when that is what its program will load: ${howTo[run.framework] ?? `name ${good.path} to it`}`,
  };
}

function fromZero(ref: Decided["targetRef"], uses: RunUses, kept: readonly Kept[]): Finding {
  const places = [...uses.claims, ...uses.buckets].map(({ name }) => name);
  const why =
    kept.length > 0
      ? `no checkpoint in ${someOf(kept.map(({ where }) => where))} is known to be complete`
      : places.length > 0
        ? `the point holds no checkpoint in ${someOf(places)}`
        : uses.emptyDirs.length > 0
          ? "it keeps its state in an emptyDir, which is not in the point"
          : "it names no place where it keeps checkpoints";
  return {
    code: "RESTART_FROM_ZERO",
    severity: "warning",
    subject: refKey(ref),
    message: `${why}: let go, it starts from zero`,
    advice:
      "see whether another point holds one (holdfast describe POINT), or whether its checkpoints lie somewhere else",
  };
}

/** Frameworks that take the highest number fall over a checkpoint that is not complete. */
function partialCheckpoints({ point, components }: TrainingInput): Finding[] {
  return components.flatMap(({ sourceNamespace, restoreNamespace, flags }): Finding[] => {
    if (flags.onlyMetadata) return [];
    const volumes = point.namespaces.find(({ name }) => name === sourceNamespace)?.volumes ?? [];
    const buckets = point.buckets.filter(
      (one) => (one.claim?.namespace ?? one.credentials.namespace) === sourceNamespace,
    );
    const places = [
      ...volumes.map(({ volume, contents }) => ({ name: `PersistentVolumeClaim/${volume.claim}`, contents })),
      ...buckets.map(({ bucket, contents }) => ({ name: `bucket ${bucket}`, contents })),
    ];
    return places.flatMap(({ name, contents }) => {
      const found = (contents?.runs ?? []).flatMap(partialOnes);
      if (found.length === 0) return [];
      const aside = flags.setAsidePartialCheckpoints;
      const shown = someOf(
        found.map(({ path }) => path),
        3,
      );
      return [
        {
          code: aside ? "CHECKPOINTS_SET_ASIDE" : "CHECKPOINTS_PARTIAL",
          severity: aside ? ("info" as const) : ("warning" as const),
          subject: `${restoreNamespace} ${name}`,
          message: aside
            ? `not complete, and renamed so that no program takes them: ${shown} get ${setAsideSuffix} behind their names`
            : `not complete, and brought back as they are: ${shown}; a program that takes the newest may take one of them`,
          advice: aside
            ? "nothing has to be done; delete them when they are not needed"
            : "set restoreFlags.setAsidePartialCheckpoints, or remove them before the training is let go",
        },
      ];
    });
  });
}
