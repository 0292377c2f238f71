import type { Directory } from "../fold.ts";
import { dataOf } from "../formats/torch.ts";
import { type FrameworkRule, complete, type Look, partial, unknown } from "./framework.ts";

const tag = /^global_step(\d+)$/;
const optim = /(^|_)optim_states\.pt$/;
const model = /model_states\.pt$/;

/** `global_step<N>` with a file for each rank; the file `latest` is written when all have. */
export const deepspeed: FrameworkRule = {
  framework: "DeepSpeed",
  files: /_states\.pt$|^latest$/,
  async find(run, look) {
    const tags = [...run.children.values()].filter((one) => tag.test(one.name) || holdsStates(one));
    if (!tags.some(holdsStates)) return undefined;
    const latest = run.files.get("latest");
    const names = (await look.text(latest)).trim();
    const steps = tags.map(stepOf);
    const newest = steps[tags.findIndex((one) => one.name === names)];
    const most = Math.max(...tags.map((one) => countOf(one, optim)));
    const found = tags.map(async (one, index) => {
      const step = steps[index];
      const isLate = newest !== undefined && step !== undefined && step > newest;
      const state = isLate ? partial(`latest still names ${names}`) : await stateOf(one, most, look);
      return { path: one.path, ...(step === undefined ? {} : { step }), parts: one, ...state };
    });
    return { found: await Promise.all(found), ...(latest ? { marker: { path: latest.path, names } } : {}) };
  },
};

function holdsStates(one: Directory): boolean {
  return [...one.files.keys()].some((name) => model.test(name) || optim.test(name));
}

function stepOf({ name }: Directory): number | undefined {
  const found = tag.exec(name)?.[1] ?? name.match(/\d+/g)?.at(-1);
  return found === undefined ? undefined : Number(found);
}

function countOf({ files }: Directory, name: RegExp): number {
  return [...files.keys()].filter((one) => name.test(one)).length;
}

/** One optimizer file for each rank. How many ranks there were is in the model's file; else others tell. */
async function stateOf(one: Directory, most: number, look: Look) {
  const models = [...one.files].filter(([name]) => model.test(name)).map(([, entry]) => entry);
  if (!models[0]) return partial("holds no model states");
  const data = await dataOf(look.file(models[0])).catch(() => undefined); // torn ones are found where all files are looked at
  const [dp, mp] = [data?.get("dp_world_size"), data?.get("mp_world_size")];
  const ranks = typeof dp === "number" && typeof mp === "number" ? dp * mp : undefined;
  const count = countOf(one, optim);
  const wanted = ranks !== undefined && count > 0 ? ranks : most; // without ZeRO there are none
  if (count < wanted) return partial(`${count} of ${wanted} optimizer files are there`);
  return ranks === undefined && count > 1 && most === count && !contiguous(one)
    ? unknown("the files of some ranks are missing")
    : complete;
}

function contiguous({ files }: Directory): boolean {
  const ranks = [...files.keys()].flatMap((name) =>
    optim.test(name) ? (name.match(/zero_pp_rank_(\d+)/)?.[1] ?? []) : [],
  );
  return Math.max(...ranks.map(Number), -1) + 1 <= new Set(ranks).size;
}
