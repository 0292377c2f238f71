import { type Reader, Torn, Unsure } from "../reader.ts";
import type { FileFacts } from "./facts.ts";
import type { Completeness, WeightsFormat } from "../../flow/contents.ts";
import { readGguf } from "./gguf.ts";
import { readOnnx } from "./onnx.ts";
import { readHdf5, readKeras, readLightgbm, readXgboost } from "./others.ts";
import { readSafetensors } from "./safetensors.ts";
import { readPickled, readTorch } from "./torch.ts";

export interface FileState extends Partial<FileFacts> {
  readonly format: WeightsFormat;
  readonly state: Completeness;
  readonly why?: string;
  /** Files beside it that hold a part of it. */
  readonly external?: readonly string[];
}

type Read = (file: Reader) => Promise<(FileFacts & { external?: readonly string[] }) | undefined>;

const formats: readonly (readonly [name: RegExp, format: WeightsFormat, read: Read])[] = [
  [/\.safetensors$/, "safetensors", readSafetensors],
  [/\.gguf$/, "GGUF", readGguf],
  [/\.onnx$/, "ONNX", readOnnx],
  [/\.(pt|pth|ckpt)$/, "torch", readTorch],
  [/(^|\/)((pytorch|adapter)_model.*|training_args|optimizer|scheduler)\.bin$/, "torch", readTorch],
  [/\.joblib$/, "joblib", readPickled],
  [/\.(pkl|pickle)$/, "pickle", readPickled],
  [/\.(h5|hdf5)$/, "HDF5", readHdf5],
  [/\.keras$/, "Keras", readKeras],
  [/\.ubj$|model[^/]*\.json$/, "XGBoost", readXgboost],
  [/model[^/]*\.txt(\.snapshot_iter_\d+)?$|\.snapshot_iter_\d+$/, "LightGBM", readLightgbm],
];

/** The format that a file has by its name. */
export function formatOf(path: string): WeightsFormat | undefined {
  return formats.find(([name]) => name.test(path))?.[1];
}

/** Is the file whole, by what its own headers say? Undefined where it is no weights at all. */
export async function stateOf(file: Reader): Promise<FileState | undefined> {
  const [, format, read] = formats.find(([name]) => name.test(file.path)) ?? [];
  if (!format || !read) return undefined;
  try {
    const facts = await read(file);
    return facts && { ...facts, state: "complete" };
  } catch (error) {
    const runsCode = format === "torch" || format === "pickle" || format === "joblib";
    const base = { format, ...(runsCode ? { runsCode: true as const } : {}) };
    if (error instanceof Torn) return { ...base, state: "partial", why: error.message };
    if (error instanceof Unsure) return { ...base, state: "unknown", why: error.message };
    throw error;
  }
}
