import type { Weights, WeightsFormat } from "../flow/contents.ts";
import { formatOf } from "./formats/index.ts";
import { jsonOf } from "./frameworks/framework.ts";
import type { Headers } from "./headers.ts";
import type { TreeEntry } from "./tree.ts";

const indexName = /\.(safetensors|bin)\.index\.json$/;
const savedModel = /(^|\/)saved_model\.pb$/;
/** Files that may be weights; a tree with more of them is not looked into. */
export const mostCandidates = 20_000;
/** Frameworks' own files beside weights, which nobody loads alone. */
const helpers = /^((optimizer|scheduler|rng_state.*|training_args)\.(pt|pth|bin)|random_states_\d+\.pkl)$/;
/** Shards that no index names: "llama-00001-of-00003.gguf". */
const shardName = /-(\d+)-of-(\d+)(\.(?:safetensors|gguf|bin|pt|pth))$/;

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
  const sharded = Map.groupBy(
    entries.filter(({ path }) => left.has(path) && shardName.test(path)),
    ({ path }) => path.replace(shardName, "-of-$2$3"),
  );
  for (const shards of sharded.values()) {
    if (Number(shardName.exec(shards[0]!.path)?.[2]) < 2) continue;
    made.push(await ofShards(shards, heads));
    for (const { path } of shards) left.delete(path);
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
  for (const { path } of there) left.delete(path);
  const missing = shards.filter((path) => !there.some((entry) => entry.path === path));
  const format = index.path.includes(".safetensors.") ? "safetensors" : "torch";
  return ofParts(
    { path: index.path, format, there, missing, why: map ? undefined : "its index cannot be read" },
    heads,
  );
}

/** How many there should be, each says in its name. */
async function ofShards(shards: readonly TreeEntry[], heads: Headers): Promise<Weights> {
  const there = shards.toSorted((a, b) => (a.path < b.path ? -1 : 1)); // a directory lists in any order
  const { path } = there[0]!;
  const [, number = "", count = ""] = shardName.exec(path) ?? [];
  const known = new Set(there.map((one) => one.path));
  const missing = Array.from({ length: Math.min(Number(count), mostCandidates) }, (_, at) =>
    path.replace(shardName, `-${String(at + 1).padStart(number.length, "0")}-of-$2$3`),
  ).filter((one) => !known.has(one));
  return ofParts({ path, format: formatOf(path) ?? "torch", there, missing }, heads);
}

interface Parts {
  readonly path: string;
  readonly format: WeightsFormat;
  readonly there: readonly TreeEntry[];
  readonly missing: readonly string[];
  readonly why?: string | undefined;
}

async function ofParts({ path, format, there, missing, why: other }: Parts, heads: Headers): Promise<Weights> {
  const states = await Promise.all(there.map(async (entry) => ({ entry, state: await heads.stateOf(entry) })));
  const torn = states.find(({ state }) => state?.state === "partial");
  const types: Record<string, number> = {};
  for (const { state } of states)
    for (const [name, count] of Object.entries(state?.types ?? {})) types[name] = (types[name] ?? 0) + count;
  const tensors = states.reduce((sum, { state }) => sum + (state?.tensors ?? 0), 0);
  const all = there.length + missing.length;
  const why =
    missing.length > 0
      ? `${missing.length} of ${all} shards are missing: ${missing.slice(0, 3).map(nameOf).join(", ")}`
      : torn
        ? `${nameOf(torn.entry.path)} ${torn.state?.why}`
        : other;
  return {
    path,
    format,
    state: why ? "partial" : "complete",
    ...(why ? { why } : {}),
    files: there.length,
    bytes: there.reduce((sum, { size }) => sum + size, 0),
    ...(tensors > 0 ? { tensors, parameters: Object.values(types).reduce((a, b) => a + b, 0), types } : {}),
    ...(format === "torch" ? { runsCode: true as const } : {}),
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
