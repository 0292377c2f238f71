import type { TrainingRun } from "../flow/contents.ts";
import type { Tree, TreeEntry } from "./tree.ts";

/** A directory whose end was reached. What is of no interest is only counted. */
export interface Directory {
  readonly path: string;
  readonly name: string;
  /** By name: those that a rule may want to look at. */
  readonly files: Map<string, TreeEntry>;
  readonly children: Map<string, Directory>;
  /** Of the whole tree below it. */
  count: number;
  bytes: number;
  newest: number;
  /** Found below it, and not a part of something larger. */
  runs: TrainingRun[];
  weights: TreeEntry[];
}

export interface FoldOptions {
  readonly isNoted: (name: string) => boolean;
  /** A directory that is kept for its name, whatever is in it. */
  readonly isNotable: (name: string) => boolean;
  /** Its children are there, and theirs. */
  readonly close: (directory: Directory) => Promise<void>;
}

/** More noted files at one time than any checkpoint has. */
const mostNoted = 200_000;

export class TooMany extends Error {}

/**
 * One walk over all names. Only the way down to the present file is open; a directory is judged when its end is reached, and
 * gives up what is two levels below it. So memory grows with the widest directory of checkpoints, not with the tree.
 */
export async function fold(tree: Tree, { isNoted, isNotable, close }: FoldOptions): Promise<Directory> {
  const root = directory("", "");
  const open: Directory[] = [root];
  let noted = 0;

  async function closeLast(): Promise<void> {
    const ended = open.pop()!;
    await end(ended);
    const parent = open.at(-1);
    if (!parent) return;
    parent.count += ended.count;
    parent.bytes += ended.bytes;
    parent.newest = Math.max(parent.newest, ended.newest);
    const isOfInterest = ended.files.size + ended.children.size + ended.runs.length + ended.weights.length > 0;
    if (isOfInterest || isNotable(ended.name)) parent.children.set(ended.name, ended);
  }

  async function end(ended: Directory): Promise<void> {
    await close(ended);
    for (const child of ended.children.values()) {
      for (const below of child.children.values()) noted -= below.files.size;
      child.children.clear();
    }
  }

  for await (const entry of tree.list()) {
    const cut = entry.path.lastIndexOf("/");
    const folder = entry.path.slice(0, Math.max(cut, 0));
    const name = entry.path.slice(cut + 1);
    while (open.length > 1 && !isBelow(folder, open.at(-1)!.path)) await closeLast();
    for (let last = open.at(-1)!; last.path !== folder; last = open.at(-1)!) {
      const rest = last.path === "" ? folder : folder.slice(last.path.length + 1);
      const next = rest.split("/", 1)[0]!;
      open.push(directory(last.path === "" ? next : `${last.path}/${next}`, next));
    }
    if (name === "") continue;
    const here = open.at(-1)!;
    here.count++;
    here.bytes += entry.size;
    here.newest = Math.max(here.newest, entry.mtime);
    if (!isNoted(name)) continue;
    if (++noted > mostNoted) throw new TooMany(`more than ${mostNoted} files look like parts of checkpoints`);
    here.files.set(name, entry);
  }
  while (open.length > 1) await closeLast();
  await end(root);
  const above = directory("", "");
  above.children.set("", root);
  await close(above); // the root may be a checkpoint itself
  return above;
}

function directory(path: string, name: string): Directory {
  return { path, name, files: new Map(), children: new Map(), count: 0, bytes: 0, newest: 0, runs: [], weights: [] };
}

function isBelow(folder: string, path: string): boolean {
  return folder === path || folder.startsWith(`${path}/`);
}
