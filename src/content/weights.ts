import type { Weights } from "../flow/contents.ts";
import { formatOf } from "./formats/index.ts";
import { jsonOf } from "./frameworks/framework.ts";
import type { Headers } from "./headers.ts";
import type { TreeEntry } from "./tree.ts";

const indexName = /\.(safetensors|bin)\.index\.json$/;
const savedModel = /(^|\/)saved_model\.pb$/;
/** Files that may be weights; a tree with more of them is not looked into. */
export const mostCandidates = 20_000;
/** Frameworks' own files beside weights, which nobody loads alone. */
const helpers = /^(optimizer|scheduler|rng_state.*|training_args)\.(pt|pth|bin)$/;

export function isWeightsFile(name: string): boolean {
  return formatOf(name) !== undefined || indexName.test(name) || savedModel.test(name) || name.startsWith("variables.");
}

/** What can be loaded as a model: shards that an index names count as one. */
export async function weightsOf(entries: readonly TreeEntry[], heads: Headers): Promise<readonly Weights[]> {
  const left = new Map(entries.map((entry) => [entry.path, entry]));
  const made: Weights[] = [];
  for (const entry of entries) {
    if (indexName.test(entry.path)) made.push(await ofIndex(entry, left, heads));
    else if (savedModel.test(entry.path)) made.push(ofSavedModel(entry, left));
    else continue;
    left.delete(entry.path);
  }
  const single = [...left.values()].filter(({ path }) => formatOf(path) && !helpers.test(nameOf(path)));
  const found = await Promise.all(single.map((entry) => ofFile(entry, heads)));
  return [...made, ...found.filter((one) => one !== undefined)];
}

async function ofFile(entry: TreeEntry, heads: Headers): Promise<Weights | undefined> {
  const found = await heads.stateOf(entry);
  if (!found) return undefined;
  const { step: _, external = [], ...facts } = found;
  const weights = { path: entry.path, ...facts, files: 1, bytes: entry.size };
  for (const name of external) {
    const isOutside = name.startsWith("/") || name.split("/").includes("..");
    if (isOutside || !(await heads.exists(`${folderOf(entry.path)}${name}`)))
      return { ...weights, state: "partial", why: `${name} is missing, in which its tensors are` };
  }
  return weights;
}

async function ofIndex(index: TreeEntry, left: Map<string, TreeEntry>, heads: Headers): Promise<Weights> {
  const folder = folderOf(index.path);
  const map = jsonOf(await heads.text(index))?.weight_map;
  const shards = [...new Set(Object.values(map ?? {}).map((name) => `${folder}${name}`))];
  const there = shards.flatMap((path) => left.get(path) ?? []);
  const states = await Promise.all(there.map(async (entry) => ({ entry, state: await heads.stateOf(entry) })));
  for (const { path } of there) left.delete(path);
  const missing = shards.filter((path) => !there.some((entry) => entry.path === path));
  const torn = states.find(({ state }) => state?.state === "partial");
  const types: Record<string, number> = {};
  for (const { state } of states)
    for (const [name, count] of Object.entries(state?.types ?? {})) types[name] = (types[name] ?? 0) + count;
  const tensors = states.reduce((sum, { state }) => sum + (state?.tensors ?? 0), 0);
  const why =
    missing.length > 0
      ? `${missing.length} of ${shards.length} shards are missing: ${missing.slice(0, 3).map(nameOf).join(", ")}`
      : torn
        ? `${nameOf(torn.entry.path)} ${torn.state?.why}`
        : map
          ? undefined
          : "its index cannot be read";
  const isSafe = index.path.includes(".safetensors.");
  return {
    path: index.path,
    format: isSafe ? "safetensors" : "torch",
    state: why ? "partial" : "complete",
    ...(why ? { why } : {}),
    files: there.length,
    bytes: there.reduce((sum, { size }) => sum + size, 0),
    ...(tensors > 0 ? { tensors, parameters: Object.values(types).reduce((a, b) => a + b, 0), types } : {}),
    ...(isSafe ? {} : { runsCode: true as const }),
  };
}

function ofSavedModel(entry: TreeEntry, left: Map<string, TreeEntry>): Weights {
  const folder = folderOf(entry.path);
  const variables = [...left.values()].filter(({ path }) => path.startsWith(`${folder}variables/variables.`));
  const wanted = Math.max(0, ...variables.map(({ path }) => Number(/-of-(\d+)$/.exec(path)?.[1] ?? 0)));
  const data = variables.filter(({ path }) => /\.data-\d+-of-\d+$/.test(path)).length;
  const isWhole = variables.length === 0 || (wanted > 0 && data === wanted && variables.length === data + 1);
  return {
    path: entry.path,
    format: "SavedModel",
    ...(isWhole
      ? { state: "complete" }
      : { state: "partial", why: `${data} of ${wanted} files of variables are there` }),
    files: 1 + variables.length,
    bytes: entry.size + variables.reduce((sum, { size }) => sum + size, 0),
  };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
