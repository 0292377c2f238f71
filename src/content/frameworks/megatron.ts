import type { Directory } from "../fold.ts";
import { dcpState, isDcp } from "./dcp.ts";
import { type FrameworkRule, complete, type Look, partial, unknown } from "./framework.ts";

const name = /^iter_(\d+)$/;
const markerName = "latest_checkpointed_iteration.txt";
const rank = /^mp_rank_(\d+)/;

/** `iter_<step>`, by DCP or one directory for each rank; the marker is written last. */
export const megatron: FrameworkRule = {
  framework: "Megatron-LM",
  files: /^(latest_checkpointed_iteration\.txt|model_optim_rng\.pt|distrib_optim\.pt|common\.pt)$/,
  async find(run, look) {
    const directories = [...run.children.values()].filter((one) => name.test(one.name));
    if (directories.length === 0) return undefined;
    const marker = run.files.get(markerName);
    const names = (await look.text(marker)).trim();
    const ranks = Math.max(...directories.map((one) => ranksOf(one).length));
    const found = directories.map(async (one) => {
      const step = Number(name.exec(one.name)?.[1]);
      return { path: one.path, step, parts: one, ...(await stateOf(one, step, { names, ranks }, look)) };
    });
    return { found: await Promise.all(found), ...(marker ? { marker: { path: marker.path, names } } : {}) };
  },
};

function ranksOf({ children }: Directory): number[] {
  return [...children.keys()].flatMap((child) => rank.exec(child)?.[1] ?? []).map(Number);
}

async function stateOf(one: Directory, step: number, run: { names: string; ranks: number }, look: Look) {
  if (run.names === "") return unknown(`no ${markerName} says how far the run came`);
  if (Number(run.names) < step) return partial(`${markerName} still says ${run.names}`);
  if (isDcp(one) || one.files.has(".metadata")) return dcpState(one, look);
  const ranks = ranksOf(one);
  const empty = [...one.children].find(([child, { count }]) => rank.test(child) && count === 0);
  if (ranks.length === 0 || ranks.length < run.ranks)
    return partial(`${ranks.length} of ${run.ranks || "its"} ranks are there`);
  return empty ? partial(`${empty[0]} is empty`) : complete;
}
