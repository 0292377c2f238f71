import type { Contents, TrainingRun, Weights } from "../flow/contents.ts";
import { type Directory, fold, TooMany } from "./fold.ts";
import { type Found, type FoundRun, type FrameworkRule, partial, unknown } from "./frameworks/framework.ts";
import { frameworks } from "./frameworks/index.ts";
import { type Headers, headersOf } from "./headers.ts";
import { runOf } from "./run.ts";
import type { Tree, TreeEntry } from "./tree.ts";
import { isWeightsFile, mostCandidates, weightsOf } from "./weights.ts";

export interface ScanOptions {
  readonly signal?: AbortSignal;
  /** Listed at most. */
  readonly weights?: number;
  readonly runs?: number;
  /** Files whose headers are read at most, in all. */
  readonly looks?: number;
}

/** What can be a step or a rank in a path that holds nothing else. */
const notable = /checkpoint|ckpt|global_step|iter_\d|step|epoch|mp_rank|^\d+(\.|$)/i;
const setAside = /\.partial$/;

/**
 * Weights and checkpoints in a tree, by names and headers: whole files are never read. Every checkpoint is judged by the rule of
 * the framework that wrote it, and by the headers of the files in it. Undefined where there is nothing of the kind.
 */
export async function scanTree(tree: Tree, options: ScanOptions = {}): Promise<Contents | undefined> {
  const { signal, weights: mostWeights = 200, runs: mostRuns = 50, looks = 2000 } = options;
  const heads = headersOf(tree, looks, signal);
  try {
    const top = await fold(tree, {
      isNoted: (name) => isWeightsFile(name) || frameworks.some(({ files }) => files.test(name)),
      isNotable: (name) => notable.test(name),
      close: (directory) => judge(directory, heads),
    });
    const runs = top.runs.toSorted((a, b) => newestOf(b) - newestOf(a));
    const weights = await weightsOf(top.weights, heads);
    if (runs.length === 0 && weights.length === 0) return undefined;
    const more = {
      ...(weights.length > mostWeights ? { weights: weights.length - mostWeights } : {}),
      ...(runs.length > mostRuns ? { runs: runs.length - mostRuns } : {}),
    };
    return {
      weights: largest(weights, mostWeights),
      runs: runs.slice(0, mostRuns),
      ...(Object.keys(more).length > 0 ? { more } : {}),
    };
  } catch (error) {
    if (error instanceof TooMany) return { weights: [], runs: [], unread: error.message };
    throw error;
  }
}

/** Everything below the directory has been judged; what is a checkpoint in it takes along what was found inside. */
async function judge(directory: Directory, heads: Headers): Promise<void> {
  const files = new Map(directory.files);
  const children = new Map(directory.children);
  const aside = [...children].filter(([name]) => setAside.test(name));
  for (const [name] of aside) children.delete(name);
  for (const rule of frameworks) {
    const found = await rule.find({ ...directory, files, children }, heads);
    if (!found) continue;
    directory.runs.push(await settle(rule, found, directory, heads));
    for (const { parts } of found.found) {
      if ("name" in parts) children.delete(parts.name);
      else for (const { path } of parts) files.delete(path.slice(path.lastIndexOf("/") + 1));
    }
  }
  for (const child of children.values()) {
    directory.runs.push(...child.runs);
    directory.weights.push(...child.weights);
  }
  directory.weights.push(
    ...[...files.values()].filter(({ path }) => isWeightsFile(path.slice(path.lastIndexOf("/") + 1))),
  );
  if (directory.weights.length > mostCandidates)
    throw new TooMany(`more than ${mostCandidates} files have the names of weights`);
}

async function settle(
  { framework }: FrameworkRule,
  { found, marker }: FoundRun,
  { path }: Directory,
  heads: Headers,
): Promise<TrainingRun> {
  const settled = await Promise.all(found.map(async (one) => checkpointOf(await lookInside(one, heads))));
  return runOf({ directory: path, framework, ...(marker ? { marker } : {}) }, settled);
}

/** A checkpoint that its framework would take for whole is so only if the files in it are. */
async function lookInside(one: Found, heads: Headers): Promise<Found> {
  if (one.state !== "complete") return one;
  const inner = "name" in one.parts ? one.parts : { runs: [], weights: one.parts };
  const broken = inner.runs.find(({ newestComplete }) => newestComplete === undefined);
  if (broken) {
    const [newest] = broken.checkpoints;
    return { ...one, state: newest?.state ?? "unknown", why: `${newest?.path}: ${newest?.why ?? "not whole"}` };
  }
  const states = await Promise.all(inner.weights.map(async (entry) => ({ entry, state: await heads.stateOf(entry) })));
  const torn = states.find(({ state }) => state?.state === "partial");
  const name = (entry: TreeEntry) => entry.path.slice(entry.path.lastIndexOf("/") + 1);
  if (torn) return { ...one, ...partial(`${name(torn.entry)} ${torn.state?.why}`) };
  const unsure = "name" in one.parts ? undefined : states.find(({ state }) => state?.state === "unknown");
  if (unsure) return { ...one, ...unknown(`${unsure.state?.why}`) };
  const step = one.step ?? states.map(({ state }) => state?.step).find((each) => each !== undefined);
  return step === undefined ? one : { ...one, step };
}

function checkpointOf({ parts, ...found }: Found) {
  const { count, bytes, newest } =
    "name" in parts
      ? parts
      : {
          count: parts.length,
          bytes: parts.reduce((sum, { size }) => sum + size, 0),
          newest: Math.max(...parts.map(({ mtime }) => mtime)),
        };
  return { ...found, files: count, bytes, at: new Date(newest).toISOString() };
}

function newestOf({ checkpoints }: TrainingRun): number {
  return Date.parse(checkpoints[0]?.at ?? "1970-01-01T00:00:00Z");
}

/** Torn ones first, then by size: what is cut off says least. */
function largest(weights: readonly Weights[], most: number): readonly Weights[] {
  const order = { partial: 0, unknown: 1, complete: 1 };
  const kept = weights.toSorted((a, b) => order[a.state] - order[b.state] || b.bytes - a.bytes).slice(0, most);
  return kept.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
