/**
 * `make bench-restore`: objects backed up and restored by Velero and by Holdfast on one API server, in one run, beside
 * what a plain client gets out of it. Progress on stderr, a table on stdout, the last line is JSON.
 *   --objects 4000,10000,30000   sizes to run, one after the other
 *   --velero-max N               leave Velero's restore out for more objects than N
 *   --no-velero                  leave Velero out: the ratios to it are null
 *   --profile DIRECTORY          CPU profiles of Holdfast's processes
 */
import { parseArgs } from "node:util";
import { runObjects, runSize, type SizeResult } from "./size.ts";
import { startWorld } from "./servers.ts";
import { lastLine, resultTable } from "./result.ts";
import { say } from "./table.ts";
import { installVelero } from "./velero.ts";
import { readWalkthrough } from "./walkthrough.ts";

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
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void world.stop().finally(() => process.exit(130)));
}
const results: SizeResult[] = [];
let demo: SizeResult | string = "";
try {
  if (velero.run) await installVelero(world);
  for (const size of sizes) results.push(await runSize(world, size, velero));
  demo = await walkthrough();
} finally {
  say("taking the servers down");
  await world.stop();
}
const skipped = `The walkthrough's namespaces were left out: ${demo}`;
const shown = typeof demo === "string" ? `${resultTable(results)}\n${skipped}` : resultTable(results, demo);
process.stdout.write(`${shown}\n${lastLine(results)}\n`);

/** Its few hundred objects say more of the time that a process takes to begin than of rates. */
async function walkthrough(): Promise<SizeResult | string> {
  const found = await readWalkthrough();
  if (typeof found === "string") return found;
  const { api } = world;
  for (const definition of found.definitions) {
    await api.call("POST", api.collectionOf(definition), definition, [409]);
    const { group, names, versions } = definition.spec;
    await api.untilListed(
      `/apis/${group}/${versions.find((one: { served: boolean }) => one.served).name}/${names.plural}`,
    );
  }
  await api.discover();
  return runObjects(world, "walkthrough", found.objects, { ...velero, mayLeave: true });
}
