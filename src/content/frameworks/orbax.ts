import type { Directory } from "../fold.ts";
import { type FrameworkRule, complete, jsonOf, type Look, partial, stepIn, unknown, withStep } from "./framework.ts";

const temporary = /\.orbax-checkpoint-tmp/;
const metadata = "_CHECKPOINT_METADATA";
const success = "commit_success.txt";

/** Orbax (JAX, Flax): a temporary directory gets its name when it is whole; where there are no renames, a file says so. */
export const orbax: FrameworkRule = {
  framework: "Orbax",
  files: /^(_CHECKPOINT_METADATA|commit_success\.txt|manifest\.ocdbt|_METADATA)$/,
  async find(run, look) {
    const all = [...run.children.values()];
    if (!all.some(isOrbax)) return undefined;
    const directories = all.filter((one) => isOrbax(one) || isBegun(one));
    const found = directories.map(async (one) => ({
      path: one.path,
      ...withStep(stepIn(one.name.replace(/\.orbax-checkpoint-tmp.*/, ""))),
      parts: one,
      ...(await stateOf(one, look)),
    }));
    return { found: await Promise.all(found) };
  },
};

function isOrbax({ name, files }: Directory): boolean {
  return temporary.test(name) || files.has(metadata) || (files.has(success) && !files.has(".metadata"));
}

/** Beside others: the first of its parts have come into the bucket. */
function isBegun({ name, files }: Directory): boolean {
  return /^\d+$/.test(name) && !files.has(".metadata");
}

async function stateOf(one: Directory, look: Look) {
  if (temporary.test(one.name)) return partial("has the name of a directory that is being written");
  const items = [...one.children.values()];
  if (items.some(({ name }) => temporary.test(name))) return partial("an item in it is being written");
  if (one.files.has(success)) return complete;
  if (!one.files.has(metadata)) return partial(`has no ${metadata} yet`);
  const written: unknown = jsonOf(await look.text(one.files.get(metadata)))?.commit_timestamp_nsecs;
  if (typeof written !== "number") return partial(`${metadata} names no time of its end`);
  return look.kind === "files" ? complete : unknown(`no ${success} says that all of it came into the bucket`);
}
