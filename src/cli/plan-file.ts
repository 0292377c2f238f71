/** Saved restore plans as files: `--save FILE` writes one, `--plan FILE` runs it. */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Fault, toFault } from "../base/fault.ts";
import type { RestorePlan } from "../flow/restore-plan.ts";
import type { RestoreOptions } from "../plan/restore.ts";
import { readSavedPlan } from "../plan/saved/read.ts";
import type { SavedPlan } from "../plan/saved/saved-plan.ts";
import { savedPlanText } from "../plan/saved/write.ts";
import { isAddress } from "./place.ts";

export async function readPlanFile(file: string): Promise<SavedPlan> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new Fault("USAGE", `the plan ${file} cannot be read: ${toFault(error).message}`, {
      hint: "make one: holdfast restore POINT --dry-run --save FILE",
    });
  });
  return readSavedPlan(text, file);
}

/** Never over another one: somebody may have worked on it. */
export async function savePlanFile(
  file: string,
  plan: RestorePlan,
  options: RestoreOptions,
  place: string,
): Promise<void> {
  const text = savedPlanText({
    plan,
    options,
    target: asWritten(place),
    facts: plan.facts ?? {},
    at: new Date().toISOString(),
  });
  try {
    await writeFile(file, text, { flag: "wx" });
  } catch (error) {
    const exists = (error as { code?: string }).code === "EEXIST";
    throw new Fault(
      "USAGE",
      `the plan cannot be written to ${file}: ${exists ? "it exists" : toFault(error).message}`,
      {
        hint: "name another file with --save",
      },
    );
  }
}

/** A directory with its whole path: the plan may be run from elsewhere. */
function asWritten(place: string): string {
  return isAddress(place) && !place.startsWith("s3://") ? resolve(place) : place;
}
