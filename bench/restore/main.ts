/**
 * `make bench-restore`: objects backed up and restored by Velero and by Holdfast on one API server, in one run, beside
 * what a plain client gets out of it. Progress on stderr, a table on stdout, the last line is JSON.
 *   --objects 4000,10000,30000   sizes to run, one after the other
 *   --velero-max N               leave Velero's restore out for more objects than N
 *   --no-velero                  leave Velero out: the ratios to it are null
 *   --profile DIRECTORY          CPU profiles of Holdfast's processes
 */
import { parseArgs } from "node:util";
import { runSize, type SizeResult } from "./size.ts";
import { startWorld } from "./servers.ts";
import { lastLine, resultTable } from "./result.ts";
import { say } from "./table.ts";
import { installVelero } from "./velero.ts";

const { values } = parseArgs({
  options: {
    objects: { type: "string", default: "4000,10000,30000" },
    "velero-max": { type: "string", default: "Infinity" },
    "no-velero": { type: "boolean", default: false },
    profile: { type: "string" },
  },
});
const sizes = values.objects.split(",").map(Number);
if (sizes.some((size) => !(Number.isInteger(size) && size > 0))) {
  throw new Error(`--objects takes numbers with commas between them, not "${values.objects}"`);
}
const velero = { run: !values["no-velero"], restoreMax: Number(values["velero-max"]) };

const world = await startWorld(values.profile);
const results: SizeResult[] = [];
try {
  if (velero.run) await installVelero(world);
  for (const size of sizes) results.push(await runSize(world, size, velero));
} finally {
  say("taking the servers down");
  await world.stop();
}
process.stdout.write(`${resultTable(results)}\n${lastLine(results)}\n`);
