import { someOf } from "../../base/some-of.ts";
import type { Directory } from "../fold.ts";
import { type FrameworkRule, complete, jsonOf, type Look, partial } from "./framework.ts";

const name = /^(tmp-)?checkpoint-(\d+)$/;
const weights = /^((model|adapter_model|pytorch_model).*\.(safetensors|bin)|tf_model\.h5)$/;
const sign = /^(trainer_state\.json|training_args\.bin|optimizer\.(pt|bin)|scheduler\.(pt|bin)|rng_state.*\.pth)$/;
const optimizer = /^(optimizer|scheduler)\.(pt|bin)$/;

/** Trainer of transformers: `checkpoint-<step>`, in which trainer_state.json comes late. It resumes from the highest step unseen. */
export const huggingFace: FrameworkRule = {
  framework: "Hugging Face Trainer",
  files: new RegExp(`${weights.source}|${sign.source}|\\.index\\.json$`),
  async find(run, look) {
    const directories = [...run.children.values()].filter((one) => name.test(one.name));
    if (!directories.some(isSigned)) return undefined;
    const keepsOptimizer = directories.some(hasOptimizer);
    const found = directories.map(async (one) => ({
      path: one.path,
      step: Number(name.exec(one.name)?.[2]),
      parts: one,
      ...(await stateOf(one, look, keepsOptimizer)),
    }));
    return { found: await Promise.all(found) };
  },
};

function isSigned({ files }: Directory): boolean {
  return [...files.keys()].some((file) => sign.test(file));
}

function hasOptimizer({ files, children }: Directory): boolean {
  return [...files.keys()].some((file) => optimizer.test(file)) || children.size > 0;
}

async function stateOf(one: Directory, look: Look, keepsOptimizer: boolean) {
  const { files, children } = one;
  if (one.name.startsWith("tmp-")) return partial("is a staging directory");
  const state = files.get("trainer_state.json");
  if (!state) return partial("trainer_state.json is missing, which is written late");
  const step: unknown = jsonOf(await look.text(state))?.global_step;
  if (step !== Number(name.exec(one.name)?.[2])) return partial(`trainer_state.json does not say step ${one.name}`);
  if (![...files.keys()].some((file) => weights.test(file)) && children.size === 0) return partial("holds no weights");
  const missing = await missingShards(one, look);
  if (missing.length > 0) return partial(`${someOf(missing, 3)} missing, which the index names`);
  if (hasOptimizer(one)) return complete;
  return keepsOptimizer ? partial("holds no optimizer, which others have") : { ...complete, why: "weights only" };
}

/** What an index of shards names and the directory does not hold. */
export async function missingShards({ files }: Directory, look: Look): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [file, entry] of files) {
    if (!file.endsWith(".index.json")) continue;
    const map = jsonOf(await look.text(entry))?.weight_map;
    if (map === undefined) missing.push(`what ${file} names, which cannot be read,`);
    const shards = new Set(Object.values(map ?? {}).map(String));
    missing.push(...[...shards].filter((shard) => !files.has(shard)));
  }
  return missing;
}
