import { someOf } from "../../base/some-of.ts";
import type { Directory } from "../fold.ts";
import { type FrameworkRule, complete, type Look, partial } from "./framework.ts";
import { missingShards } from "./hugging-face.ts";

const name = /^checkpoint[-_](\d+)$/;
const weights = /^((model|pytorch_model|pytorch_lora_weights|diffusion_pytorch_model).*\.(safetensors|bin))$/;
/** One for each process, written when all else is. */
const last = /^random_states_\d+\.pkl$/;
const optimizer = /^optimizer(_\d+)?\.bin$/;
/** The Trainer of transformers writes directories of the same name, and these into them. */
const ofTrainer = ["trainer_state.json", "training_args.bin"];

/** `accelerator.save_state()`, as the training scripts of diffusers call it: weights, optimizer, and the states of chance last. */
export const accelerate: FrameworkRule = {
  framework: "Accelerate",
  files: new RegExp(`${weights.source}|${last.source}|${optimizer.source}|\\.index\\.json$`),
  async find(run, look) {
    const directories = [...run.children.values()].filter(
      (one) => name.test(one.name) && !ofTrainer.some((file) => one.files.has(file)),
    );
    const ranks = Math.max(0, ...directories.map((one) => countOf(one, last)));
    if (ranks === 0) return undefined;
    const keepsOptimizer = directories.some((one) => countOf(one, optimizer) > 0);
    const found = directories.map(async (one) => ({
      path: one.path,
      step: Number(name.exec(one.name)?.[1]),
      parts: one,
      ...(await stateOf(one, { ranks, keepsOptimizer }, look)),
    }));
    return { found: await Promise.all(found) };
  },
};

function countOf({ files }: Directory, file: RegExp): number {
  return [...files.keys()].filter((one) => file.test(one)).length;
}

async function stateOf(one: Directory, run: { ranks: number; keepsOptimizer: boolean }, look: Look) {
  const states = countOf(one, last);
  if (states < run.ranks)
    return partial(`${states} of ${run.ranks} random_states files are there, which are written last`);
  if (countOf(one, weights) === 0 && one.children.size === 0) return partial("holds no weights");
  const missing = await missingShards(one, look);
  if (missing.length > 0) return partial(`${someOf(missing, 3)} missing, which the index names`);
  const lacksOptimizer = run.keepsOptimizer && countOf(one, optimizer) === 0;
  return lacksOptimizer ? partial("holds no optimizer, which others have") : complete;
}
