import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { registry } from "../network.ts";
import { configDir, kubeletDir, labDir, runDir } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { writeConfig } from "../run/files.ts";
import { ensureProcess, isRunning, stopProcess } from "../run/process.ts";
import { sh } from "../run/shell.ts";
import { endCgroups } from "./cgroups.ts";
import { forgetPodNetworks } from "./cni-results.ts";
import { cniConfig, containerdConfig, registryConfig } from "./containerd-config.ts";
import { pauseImage } from "./base-images.ts";
import { detachLoopsBelow } from "./loops.ts";
import { unmountBelow } from "./mounts.ts";

/** The container runtime's socket: a short path, since the kernel allows no long one. */
export const containerdSocket = () => runDir("containerd.sock");
const dataDir = () => labDir("containerd");
const stateDir = () => runDir("containerd");
const ipamDir = () => runDir("ipam");

/** containerd with the runtime, network plugins and folders of the lab's own. */
export const containerd: Part = {
  name: "containerd",
  needs: ["apt", "network"],
  seconds: { cold: 2, warm: 2 },
  up: async () => {
    mkdirSync(runDir(), { recursive: true });
    const config = configDir("containerd.toml");
    const cni = configDir("cni", "10-holdfast-lab.conflist");
    const hosts = configDir("certs.d", registry, "hosts.toml");
    writeConfig(cni, cniConfig(ipamDir()));
    writeConfig(hosts, registryConfig(registry));
    writeConfig(
      config,
      containerdConfig({
        root: dataDir(),
        state: stateDir(),
        socket: containerdSocket(),
        cniConfig: dirname(cni),
        registryConfig: configDir("certs.d"),
        ipam: ipamDir(),
        pauseImage,
      }),
    );
    await ensureProcess({
      name: "containerd",
      command: "/usr/bin/containerd",
      args: ["--config", config],
      inputs: [config],
      ready: { describe: "containerd to answer", seconds: 30, check: () => ctr("version").then(() => true) },
    });
  },
  down: async () => {
    if (isRunning("containerd")) await removeContainers();
    await stopProcess("containerd");
    await endCgroups("kubepods");
    await unmountBelow(runDir());
    await releaseVolumes();
    rmSync(stateDir(), { recursive: true, force: true });
    rmSync(ipamDir(), { recursive: true, force: true });
    forgetPodNetworks(cniConfig(ipamDir()));
  },
  status: async () => (isRunning("containerd") ? containerdSocket() : "down"),
};

/** containerd's own client, in the namespace that the kubelet uses. */
export function ctr(...args: string[]): Promise<string> {
  return sh("ctr", ["--address", containerdSocket(), "--namespace", "k8s.io", ...args]);
}

async function removeContainers(): Promise<void> {
  const tasks = ids(await ctr("tasks", "list", "--quiet"));
  if (tasks.length > 0) await ctr("tasks", "delete", "--force", ...tasks).catch(() => {});
  const containers = ids(await ctr("containers", "list", "--quiet"));
  if (containers.length > 0) await ctr("containers", "delete", ...containers).catch(() => {});
}

/** What the kubelet mounted and attached for pods that are no more. */
async function releaseVolumes(): Promise<void> {
  const loops = () => detachLoopsBelow([kubeletDir, labDir("volumes")]);
  await loops(); // A device that is still mounted goes away with its mount.
  await unmountBelow(kubeletDir);
  await loops();
}

function ids(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
