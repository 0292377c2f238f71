/**
 * What lies in a volume or a bucket: weights and checkpoints, as far as their names and headers tell. Plain data, small: it
 * is part of a recovery point. Paths are relative to the volume, or keys of the bucket; "" is its root.
 */
export interface Contents {
  readonly weights: readonly Weights[];
  /** Directories in which a training wrote its checkpoints. */
  readonly runs: readonly TrainingRun[];
  /** SQLite files, of volumes that were cut in one moment. */
  readonly databases?: readonly FileDatabase[];
  /** How many were found beside those that are listed. */
  readonly more?: { readonly weights?: number; readonly runs?: number };
  /** Why something in it was not looked at. */
  readonly unread?: string;
}

/** "unknown": nothing that was read says it; `why` tells what is missing for a judgement. */
export type Completeness = "complete" | "partial" | "unknown";

/** "partial": it does not open, or pages of it do not fit together. `bytes` with the journal beside it. */
export interface FileDatabase {
  readonly path: string;
  readonly bytes: number;
  readonly state: Completeness;
  readonly why?: string;
}

export type WeightsFormat =
  | "safetensors"
  | "GGUF"
  | "ONNX"
  | "torch"
  | "pickle"
  | "joblib"
  | "HDF5"
  | "Keras"
  | "SavedModel"
  | "XGBoost"
  | "LightGBM";

/** A file, or a set of files that an index names, out of which a model is loaded. */
export interface Weights {
  readonly path: string;
  readonly format: WeightsFormat;
  readonly state: Completeness;
  readonly why?: string;
  readonly files: number;
  readonly bytes: number;
  readonly tensors?: number;
  readonly parameters?: number;
  /** Parameters by the name that the format gives to their type: {"BF16": 8030261248}. */
  readonly types?: Readonly<Record<string, number>>;
  /** It holds a pickle: who loads it runs the code that it names. */
  readonly runsCode?: true;
}

export type Framework =
  | "PyTorch DCP"
  | "Hugging Face Trainer"
  | "Accelerate"
  | "DeepSpeed"
  | "Megatron-LM"
  | "PyTorch Lightning"
  | "PyTorch"
  | "Ray Train"
  | "Orbax"
  | "TensorFlow"
  | "XGBoost"
  | "LightGBM"
  | "pickle";

export interface TrainingRun {
  readonly directory: string;
  readonly framework: Framework;
  /** Newest first: the newest ones, and the newest complete one whatever its place. */
  readonly checkpoints: readonly Checkpoint[];
  /** Path of the newest complete one; undefined where there is none. */
  readonly newestComplete?: string;
  /** How many there are beside those that are listed. */
  readonly more?: number;
  /** The file that names the checkpoint to resume from, with what it names: "run/latest". */
  readonly marker?: { readonly path: string; readonly names: string };
}

export interface Checkpoint {
  readonly path: string;
  readonly step?: number;
  readonly state: Completeness;
  readonly why?: string;
  readonly files: number;
  readonly bytes: number;
  /** When its newest file was written; RFC 3339. */
  readonly at: string;
}

/** The newest complete checkpoint of a run. */
export function goodCheckpoint({ checkpoints, newestComplete }: TrainingRun): Checkpoint | undefined {
  return checkpoints.find((one) => one.path === newestComplete);
}

/** "step 900 (run/checkpoint-900)". */
export function checkpointName({ step, path }: Pick<Checkpoint, "step" | "path">): string {
  return step === undefined ? path : `step ${step} (${path})`;
}

/** Something that writes into a volume or bucket, with the directories that it names; none: anywhere. */
export interface ContentUser {
  readonly name: string; // "Job/train"
  readonly directories: readonly string[];
}

/** A change to restored files, so that a program resumes from a complete checkpoint and not from a torn one. */
export type ContentEdit =
  /** `path` becomes `path.partial`: a directory, a file, or all files of a prefix (TensorFlow). */
  | { readonly kind: "set-aside"; readonly path: string }
  /** The file that names the checkpoint to resume from gets this content. */
  | { readonly kind: "write"; readonly path: string; readonly text: string };

/** What a name gets behind it that no framework shall find any more. */
export const setAsideSuffix = ".partial";
