import { imageLayers, platformImages } from "../images/part.ts";
import type { Part } from "../run/part.ts";
import { isRunning, stopProcess } from "../run/process.ts";
import { deployOperators, deployWorkload } from "./deploy.ts";
import { collectManifests } from "./manifests.ts";
import { ensureModels } from "./models.ts";
import { operatorProcesses } from "./operators.ts";
import { closeLabKube } from "./settings.ts";

/** Model files and manifests, into the cache. */
const platformFiles: Part = {
  name: "platform-files",
  needs: ["image-layers", "kserve-build", "notebook-controller-build"],
  seconds: { cold: 10, warm: 0 },
  build: async () => {
    await collectManifests();
    await ensureModels();
  },
};

/** What survives the loss of an application: kinds, controllers, webhooks. */
const platformOperators: Part = {
  name: "platform-operators",
  needs: [
    "platform-images",
    "platform-files",
    "apiserver",
    "controller-manager",
    "kubelet",
    "kube-proxy",
    "dns",
    "platform-s3",
    "csi-sidecars",
  ],
  seconds: { cold: 8, warm: 5 },
  up: () => deployOperators(quiet).finally(closeLabKube),
  down: async () => {
    for (const name of operatorProcesses) await stopProcess(name);
  },
  status: async () => {
    const ended = operatorProcesses.filter((name) => !isRunning(name));
    return ended.length === 0 ? "running" : `not running: ${ended.join(" ")}`;
  },
};

/** The walkthrough's two namespaces. */
const platformWorkload: Part = {
  name: "platform-workload",
  needs: ["platform-operators"],
  seconds: { cold: 60, warm: 60 },
  up: () => deployWorkload(quiet).finally(closeLabKube),
};

/** Parts whose builds take long and need no cluster; they belong beside the other builds. */
export const earlyPlatformParts: readonly Part[] = [imageLayers];

/** Parts of the AI platform, beside those of the lab itself. */
export const platformParts: readonly Part[] = [platformImages, platformFiles, platformOperators, platformWorkload];

function quiet(): void {}
