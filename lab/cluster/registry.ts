import { mkdirSync } from "node:fs";
import { registry as address } from "../network.ts";
import { labDir, program } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { ensureProcess, isRunning, stopProcess } from "../run/process.ts";

/** The image registry. `lab-reset` keeps what is in it. */
export const registry: Part = {
  name: "registry",
  needs: ["tools-build", "network"],
  seconds: { cold: 1, warm: 1 },
  up: async () => {
    mkdirSync(labDir("registry"), { recursive: true });
    await ensureProcess({
      name: "registry",
      command: program("registry"),
      args: ["--address", address, "--dir", labDir("registry")],
      ready: {
        describe: "the registry to answer",
        seconds: 30,
        check: async () => (await fetch(`http://${address}/v2/`, { signal: AbortSignal.timeout(2000) })).ok,
      },
    });
  },
  down: () => stopProcess("registry"),
  status: async () => (isRunning("registry") ? address : "down"),
};
