/** Frameworks that write one file for each checkpoint. Whether it is whole, the file itself says. */
import type { Framework } from "../../flow/contents.ts";
import { type FrameworkRule, complete, stepIn, withStep } from "./framework.ts";

const isCheckpoint = /(^|[-_.])(ckpts?|checkpoints?|epochs?|steps?|iter(ation)?s?|snapshot|last)(?=[-_.=]|\d|$)/i;

function singleFiles(framework: Framework, files: RegExp, isOne: (name: string) => boolean): FrameworkRule {
  return {
    framework,
    files,
    find: async (run) => {
      const found = [...run.files].filter(([name]) => files.test(name) && isOne(name));
      if (found.length === 0) return undefined;
      return {
        found: found.map(([name, entry]) => ({
          path: entry.path,
          ...withStep(stepIn(name.replace(/\.[a-z0-9]*$/i, (end) => (/\d/.test(end) ? end : "")))),
          parts: [entry],
          ...complete,
        })),
      };
    },
  };
}

const named = (name: string) => isCheckpoint.test(name);

export const singleFileRules: readonly FrameworkRule[] = [
  singleFiles("PyTorch Lightning", /\.ckpt$/, named),
  singleFiles("PyTorch", /\.(pt|pth)$/, named),
  singleFiles("XGBoost", /([-_.]\d+\.ubj|model.*[-_.]\d+\.json)$/, () => true),
  singleFiles("LightGBM", /\.snapshot_iter_\d+$/, () => true),
  singleFiles("pickle", /\.(pkl|pickle|joblib)$/, named),
];
