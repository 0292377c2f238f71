import pLimit from "p-limit";
import { type FileState, formatOf, stateOf } from "./formats/index.ts";
import { type Look, unknown } from "./frameworks/framework.ts";
import { readerOf } from "./reader.ts";
import type { Tree, TreeEntry } from "./tree.ts";

/** Files whose headers are read at the same time. */
const atOnce = 8;
const mostText = 16 << 20;
const mostKnown = 20_000;

export interface Headers extends Look {
  /** The state of one file by its headers; undefined where it is no weights. */
  readonly stateOf: (entry: TreeEntry) => Promise<FileState | undefined>;
  /** Is there a file with something in it? */
  readonly exists: (path: string) => Promise<boolean>;
}

/** Reads at most `looks` files of a tree. One that cannot be read is "unknown", and ends nothing. */
export function headersOf(tree: Tree, looks: number, signal: AbortSignal | undefined): Headers {
  const limit = pLimit(atOnce);
  const known = new Map<string, Promise<FileState | undefined>>();
  const file = (entry: TreeEntry) => readerOf(tree, entry);
  let left = looks;
  const look = async (entry: TreeEntry): Promise<FileState | undefined> => {
    signal?.throwIfAborted();
    if (left-- <= 0) return { format: formatOf(entry.path) ?? "pickle", ...unknown("more files than are looked at") };
    return stateOf(file(entry)).catch((error: unknown) => {
      signal?.throwIfAborted();
      return { format: formatOf(entry.path) ?? "pickle", ...unknown(`could not be read: ${(error as Error).message}`) };
    });
  };
  return {
    kind: tree.kind,
    file,
    text: async (entry) => {
      if (!entry || entry.size > mostText) return "";
      return (await tree.read(entry.path, 0, entry.size).catch(() => Buffer.alloc(0))).toString("utf8");
    },
    exists: async (path) => (await tree.read(path, 0, 1).catch(() => Buffer.alloc(0))).length > 0,
    stateOf: (entry) => {
      const found = known.get(entry.path) ?? limit(() => look(entry));
      if (known.size < mostKnown) known.set(entry.path, found);
      return found;
    },
  };
}
