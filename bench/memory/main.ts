/**
 * `node bench/memory/main.ts`: what a process of Holdfast holds at most (VmHWM) while it discovers, backs up, plans and restores
 * generated objects, and how much each further object costs. The cluster is generated behind the client's interface, the
 * store is real. bench/restore measures the same against a real API server.
 *   --objects 10000,30000,60000   numbers of objects to run
 *   --stages discover,backup,plan,restore
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { nodeEnvironment, nodeFlags } from "../../src/base/node-flags.ts";
import { runStage, type Stage, type StageResult } from "./stage.ts";

const { values } = parseArgs({
  options: {
    objects: { type: "string", default: "10000,30000,60000" },
    stages: { type: "string", default: "discover,backup,plan,restore" },
    /** One stage in this process: what the others are run by. */
    only: { type: "string" },
    home: { type: "string", default: "" },
  },
});
const sizes = values.objects.split(",").map(Number);

if (values.only) {
  process.stdout.write(`${JSON.stringify(await runStage(values.only as Stage, sizes[0] ?? 0, values.home))}\n`);
} else {
  await runAll(values.stages.split(",") as Stage[]);
}

async function runAll(stages: readonly Stage[]): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "holdfast-memory-"));
  try {
    const results: StageResult[] = [];
    for (const size of sizes) for (const stage of stages) results.push(await inProcess(stage, size, home));
    process.stdout.write(`${JSON.stringify({ perObjectKiB: slopes(results) })}\n`);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function inProcess(stage: Stage, size: number, home: string): Promise<StageResult> {
  const args = [...nodeFlags, import.meta.filename, "--only", stage, "--objects", `${size}`, "--home", home];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...nodeEnvironment },
    maxBuffer: 1 << 24,
  });
  process.stdout.write(stdout);
  return JSON.parse(stdout) as StageResult;
}

/** Between the smallest and the largest number of objects. */
function slopes(results: readonly StageResult[]): Record<string, number> {
  const byStage = Map.groupBy(results, (one) => one.stage);
  return Object.fromEntries(
    [...byStage].flatMap(([stage, all]) => {
      const [first, last] = [all[0], all.at(-1)];
      if (!first || !last || first.objects === last.objects) return [];
      const kib = ((last.peakMiB - first.peakMiB) * 1024) / (last.objects - first.objects);
      return [[stage, Math.round(kib * 100) / 100]];
    }),
  );
}
