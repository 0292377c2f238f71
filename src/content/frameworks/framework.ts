import type { Completeness, Framework, TrainingRun } from "../../flow/contents.ts";
import type { Directory } from "../fold.ts";
import type { Reader } from "../reader.ts";
import type { Tree, TreeEntry } from "../tree.ts";

/** How a framework writes checkpoints: what of a directory is one, and by what one knows that it is whole. */
export interface FrameworkRule {
  readonly framework: Framework;
  /** Names of files that the rule wants to see. */
  readonly files: RegExp;
  /** The checkpoints right in this directory; undefined where it has none of this framework. */
  readonly find: (run: Directory, look: Look) => Promise<FoundRun | undefined>;
}

export interface FoundRun {
  readonly found: readonly Found[];
  readonly marker?: TrainingRun["marker"];
}

export interface Found {
  readonly path: string;
  readonly step?: number;
  readonly state: Completeness;
  readonly why?: string;
  /** What it consists of: a directory with all that is below it, or files. */
  readonly parts: Directory | readonly TreeEntry[];
}

/** How rules read. */
export interface Look {
  readonly kind: Tree["kind"];
  readonly file: (entry: TreeEntry) => Reader;
  /** The whole text of a small file; "" where it is not there or cannot be read. */
  readonly text: (entry: TreeEntry | undefined) => Promise<string>;
}

/** What `JSON.parse` gives; undefined where it is none. */
export function jsonOf(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The number in a name that most likely is a step: "epoch=1-step=200.ckpt", "iter_0000300", "checkpoint-40". */
export function stepIn(name: string): number | undefined {
  const named = /(?:step|iter|iteration)s?[=_-]?(\d+)/i.exec(name)?.[1] ?? name.match(/\d+/g)?.at(-1);
  return named === undefined ? undefined : Number(named);
}

export function withStep(step: number | undefined): { readonly step?: number } {
  return step === undefined ? {} : { step };
}

export const complete = { state: "complete" } as const;
export const partial = (why: string) => ({ state: "partial", why }) as const;
export const unknown = (why: string) => ({ state: "unknown", why }) as const;
