import { imageLayers, platformImages } from "../images/part.ts";
import type { Part } from "../run/part.ts";
import { isRunning, stopProcess } from "../run/process.ts";
import { deployOperators, deployWorkload } from "./deploy.ts";
import { areDeployed, forgetDeployed } from "./deployed.ts";
import { collectManifests } from "./manifests.ts";
import { ensureModels } from "./models.ts";
import { operatorProcesses } from "./operators.ts";
import { closeLabKube } from "./settings.ts";

/** Model files and manifests, into the cache. */
const platformFiles: Part = {
  name: "platform-files",
  needs: ["image-layers", "kserve-build", "notebook-controller-build", "pipelines-build"],
  seconds: { cold: 10, warm: 0 },
  build: async () => {
    await collectManifests();
    await ensureModels();
  },
};

/** What survives the loss of an application: kinds, controllers, webhooks. */
const platformOperators: Part = {
  name: "platform-operators",
  // No node: until its webhooks answer, nobody can make a pod that they look at.
  needs: ["platform-images", "platform-files", "apiserver", "platform-s3"],
  seconds: { cold: 8, warm: 5 },
  up: () => deployOperators(quiet).finally(closeLabKube),
  down: async () => {
    for (const name of operatorProcesses) await stopProcess(name);
  },
  reset: async () => forgetDeployed(),
  status: async () => {
    if (!areDeployed()) return "not deployed: make platform";
    const ended = operatorProcesses.filter((name) => !isRunning(name));
    return ended.length === 0 ? "running" : `not running: ${ended.join(" ")}`;
  },
};

/** The walkthrough's two namespaces. */
const platformWorkload: Part = {
  name: "platform-workload",
  needs: ["platform-operators", "controller-manager", "scheduler", "kubelet", "kube-proxy", "dns", "csi-sidecars"],
  seconds: { cold: 75, warm: 75 },
  up: () => deployWorkload(quiet).finally(closeLabKube),
};

/** Parts that need no platform: they overlap with the builds and the start of the cluster, so `make lab` has them too. */
export const earlyPlatformParts: readonly Part[] = [imageLayers, platformFiles, platformImages];

/** The platform's operators: on a cluster that has their webhooks, they must run for anything to be made. */
export const operatorParts: readonly Part[] = [platformOperators];

/** What `make platform` brings up beside the lab itself. */
export const platformParts: readonly Part[] = [...operatorParts, platformWorkload];

function quiet(): void {}
