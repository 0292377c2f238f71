import { someOf } from "../../base/some-of.ts";
import type { Directory } from "../fold.ts";
import { readPickle } from "../formats/pickle.ts";
import { Torn, Unsure } from "../reader.ts";
import { type FrameworkRule, complete, type Look, partial, stepIn, unknown, withStep } from "./framework.ts";

const shard = /^__\d+_\d+\.distcp$/;
const index = ".metadata";
const mostIndex = 48 << 20;

/** PyTorch distributed checkpoint (FSDP too): shards first, the index `.metadata` last, by a rename. */
export const dcp: FrameworkRule = {
  framework: "PyTorch DCP",
  files: /^(__\d+_\d+\.distcp|\.metadata(\.tmp)?)$/,
  async find(run, look) {
    const directories = [...run.children.values()].filter(isDcp);
    if (directories.length === 0) return undefined;
    const found = directories.map(async (one) => ({
      path: one.path,
      ...withStep(stepIn(one.name)),
      parts: one,
      ...(await dcpState(one, look)),
    }));
    return { found: await Promise.all(found) };
  },
};

export function isDcp({ files }: Directory): boolean {
  return [...files.keys()].some((name) => shard.test(name));
}

export async function dcpState({ files }: Directory, look: Look) {
  const metadata = files.get(index);
  if (!metadata) return partial(`${index} is missing, which is written last`);
  if (files.has(`${index}.tmp`)) return partial(`${index}.tmp is there: a save was under way`);
  if (metadata.size > mostIndex) return unknown(`${index} is too long to be looked at`);
  const wanted = await placesIn(look, metadata).catch((error: unknown) => {
    if (error instanceof Torn || error instanceof Unsure) return error;
    throw error;
  });
  if (wanted instanceof Torn) return partial(`${index}: ${wanted.message}`);
  if (wanted instanceof Unsure) return unknown(`${index}: ${wanted.message}`);
  const lacking = [...wanted].filter(([name, end]) => (files.get(name)?.size ?? -1) < end).map(([name]) => name);
  if (lacking.length > 0) return partial(`${someOf(lacking, 3)} missing or shorter than ${index} says`);
  const later = [...wanted.keys()].filter((name) => files.get(name)!.mtime > metadata.mtime + 1000);
  if (later.length > 0) return unknown(`${someOf(later, 3)} written after ${index}: copied, or being written anew`);
  return complete;
}

/** By file: where the last of what the index knows in it ends. */
async function placesIn(look: Look, metadata: Parameters<Look["file"]>[0]): Promise<ReadonlyMap<string, number>> {
  const top: any = readPickle(await look.file(metadata).bytes(0, metadata.size));
  const storage: unknown = top?.state?.get?.("storage_data");
  if (!(storage instanceof Map)) throw new Unsure("names no storage");
  const ends = new Map<string, number>();
  for (const one of storage.values()) {
    const { args = [], state } = one ?? {};
    const field = (name: string, place: number) => state?.get?.(name) ?? args[place];
    const name: unknown = field("relative_path", 0);
    const end = Number(field("offset", 1)) + Number(field("length", 2));
    if (typeof name !== "string" || !Number.isFinite(end)) throw new Unsure("names storage in an unknown way");
    ends.set(name, Math.max(ends.get(name) ?? 0, end));
  }
  return ends;
}
