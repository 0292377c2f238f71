import { existsSync } from "node:fs";
import { readLab } from "./lab-file.ts";
import { allParts, down, platform, reset, up } from "./lab.ts";
import { adminKubeconfig, binDir, labDir, labFile, logFile } from "./paths.ts";
import { inOrder } from "./run/order.ts";
import { listProcesses } from "./run/process.ts";
import { clock } from "./run/progress.ts";

/** What can be said to the lab. */
const verbs: Record<string, () => Promise<void>> = {
  up: () => timed("The lab is up", () => up()).then(lookAround),
  platform: () => timed("The AI platform is up", platform).then(lookAround),
  reset: () => timed("A fresh, empty cluster is up", reset).then(lookAround),
  down: () => {
    const purge = process.env["PURGE"] === "1";
    const kept = purge
      ? " and its state is deleted; what was built stays in the cache"
      : "; `make lab` continues where it was";
    return timed(`The lab is down${kept}`, () => down({ purge }));
  },
  status,
  env: async () => {
    readLab(); // Fails where there is none.
    console.log(`export KUBECONFIG='${adminKubeconfig()}'\nexport PATH='${binDir()}':"$PATH"`);
  },
};

/** Exit code 0 only where the lab is up and everything of it that was started runs and answers. */
async function status(): Promise<void> {
  const isUp = existsSync(labFile());
  const dead = isUp ? listProcesses().filter(({ alive }) => !alive) : [];
  const state = !isUp ? "not up" : dead.length > 0 ? "broken; this mends it" : "up";
  console.log(`The lab at ${labDir()} is ${state}${state === "up" ? "." : ": make lab"}`);
  if (state !== "up") process.exitCode = 1;
  for (const part of inOrder(allParts)) {
    if (part.status === undefined) continue;
    const line = await part.status().catch((error: Error) => {
      process.exitCode = 1;
      return `? ${error.message.split("\n")[0]}`;
    });
    console.log(`  ${part.name.padEnd(26)} ${line}`);
  }
  for (const { name } of dead) console.log(`  ${name} ended by itself; log: ${logFile(name)}`);
}

function lookAround(): void {
  console.log(`To look around:\n  eval "$(make -s lab-env)"; kubectl get pods --all-namespaces`);
}

async function timed(message: string, action: () => Promise<void>): Promise<void> {
  const started = Date.now();
  await action();
  console.log(`${message} (${clock((Date.now() - started) / 1000)}).`);
}

process.stdout.on("error", () => process.exit()); // `lab-status | head` closes the pipe early.

const verb = verbs[process.argv[2] ?? ""];
if (verb === undefined) {
  console.error(`usage: lab/main.ts ${Object.keys(verbs).join("|")}`);
  process.exitCode = 2;
} else {
  await verb().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
