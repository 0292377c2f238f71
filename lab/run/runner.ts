import pLimit from "p-limit";
import { logFile } from "../paths.ts";
import { inOrder } from "./order.ts";
import type { Part } from "./part.ts";
import { progress } from "./progress.ts";

/** Light builds wait for the network or the disk and overlap; a heavy one runs beside them, and beside no other. */
const lightBuildsAtOnce = 2;
const upsAtOnce = 4;

/**
 * Builds every part and brings it up. A part is built as soon as what it needs is built, and comes up as soon as it is
 * built and what it needs is up, so the cluster runs while later parts are still built. After a failure nothing new is
 * begun; what was begun ends, and the first failure is thrown.
 */
export async function bringUp(parts: readonly Part[]): Promise<void> {
  const ordered = inOrder(parts);
  const report = progress(ordered);
  const heavySlot = pLimit(1);
  const lightSlot = pLimit(lightBuildsAtOnce);
  const upSlot = pLimit(upsAtOnce);
  const builds = new Map<string, Promise<void>>();
  const ups = new Map<string, Promise<void>>();
  let failure: unknown;

  const stage = async (part: Part, name: "build" | "up", slot: typeof upSlot): Promise<void> => {
    const action = part[name];
    if (action === undefined) return;
    await slot(async () => {
      if (failure !== undefined) throw failure;
      report.begin(part, name);
      try {
        await action();
      } catch (error) {
        failure ??= named(part, name, error);
        throw failure;
      }
      report.end(part, name);
    });
  };

  for (const part of ordered) {
    const built = needed(part, builds).then(() =>
      stage(part, "build", part.usesAllCores === true ? heavySlot : lightSlot),
    );
    const up = Promise.all([built, needed(part, ups)]).then(() => stage(part, "up", upSlot));
    builds.set(part.name, built);
    ups.set(part.name, up);
  }
  await Promise.allSettled([...builds.values(), ...ups.values()]);
  report.close();
  if (failure !== undefined) throw failure;
}

/** Takes every part down, the last first. Goes on after an error and throws all of them at the end. */
export async function takeDown(parts: readonly Part[], verb: "down" | "reset" = "down"): Promise<void> {
  const errors: Error[] = [];
  for (const part of inOrder(parts).reverse()) {
    const action = part[verb];
    if (action === undefined) continue;
    console.log(`  ${verb} ${part.name}`);
    await action().catch((error: unknown) => errors.push(named(part, verb, error)));
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join("\n"));
}

function needed(part: Part, promises: ReadonlyMap<string, Promise<void>>): Promise<unknown> {
  return Promise.all(part.needs.map((need) => promises.get(need)));
}

function named(part: Part, stage: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const log = message.includes("log: ") ? "" : `\n  log (if it has one): ${logFile(part.name)}`;
  return new Error(`${stage} of ${part.name} failed: ${message}${log}`, { cause: error });
}
