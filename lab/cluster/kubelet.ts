import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { network, nodeName } from "../network.ts";
import { certificateDir, configDir, kubeletDir, labDir, program } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { writeConfig } from "../run/files.ts";
import { ensureProcess, isRunning, stopProcess } from "../run/process.ts";
import { containerdSocket } from "./containerd.ts";
import { kubeletConfig, kubeProxyConfig } from "./kubelet-config.ts";
import { kubectl } from "./kubectl.ts";

const owner = join(kubeletDir, "holdfast-lab");

/** The kubelet: the machine as a node. */
export const kubelet: Part = {
  name: "kubelet",
  needs: ["apiserver", "containerd", "base-images"],
  seconds: { cold: 12, warm: 12 },
  up: async () => {
    claimKubeletDir();
    const config = configDir("kubelet.yaml");
    const resolvConf = configDir("resolv.conf");
    writeConfig(resolvConf, upstreamResolvConf());
    const places = {
      certificate: certificateDir("kubelet.crt"),
      key: certificateDir("kubelet.key"),
      clientAuthority: certificateDir("ca.crt"),
      resolvConf,
      podLogs: labDir("log", "pods"),
      runtimeSocket: containerdSocket(),
    };
    writeConfig(config, kubeletConfig(places));
    const kubeconfig = labDir("kubeconfig", "kubelet.yaml");
    await ensureProcess({
      name: "kubelet",
      command: program("kubelet"),
      args: [
        `--config=${config}`,
        `--kubeconfig=${kubeconfig}`,
        `--root-dir=${kubeletDir}`,
        `--hostname-override=${nodeName}`,
        `--node-ip=${network.bridgeAddress}`,
        "--node-labels=topology.kubernetes.io/zone=lab,topology.kubernetes.io/region=lab",
      ],
      inputs: [config, kubeconfig],
      ready: { describe: `the node ${nodeName} to be Ready`, seconds: 120, check: nodeIsReady },
    });
  },
  down: () => stopProcess("kubelet"),
  reset: async () => {
    if (isOurs()) emptyKubeletDir();
    rmSync(labDir("log", "pods"), { recursive: true, force: true });
    removeLogLinks();
  },
  status: async () => (isRunning("kubelet") ? `node ${nodeName}` : "down"),
};

/** kube-proxy: Services, by iptables. */
export const kubeProxy: Part = {
  name: "kube-proxy",
  needs: ["apiserver", "network"],
  seconds: { cold: 1, warm: 1 },
  up: async () => {
    const config = configDir("kube-proxy.yaml");
    const kubeconfig = labDir("kubeconfig", "kube-proxy.yaml");
    writeConfig(config, kubeProxyConfig(kubeconfig, nodeName));
    await ensureProcess({
      name: "kube-proxy",
      command: program("kube-proxy"),
      args: [`--config=${config}`],
      inputs: [config, kubeconfig],
      ready: {
        describe: "kube-proxy to be healthy",
        seconds: 60,
        check: async () => (await fetch("http://127.0.0.1:10256/livez", { signal: AbortSignal.timeout(2000) })).ok,
      },
    });
  },
  down: () => stopProcess("kube-proxy"),
  status: async () => (isRunning("kube-proxy") ? "runs" : "down"),
};

/** Whether the kubelet of this run, not of an earlier one, says that the node is ready. */
async function nodeIsReady(): Promise<boolean> {
  const node = JSON.parse(await kubectl(["get", "node", nodeName, "-o", "json"]));
  const ready = node.status.conditions.find((condition: { type: string }) => condition.type === "Ready");
  const lease = JSON.parse(await kubectl(["get", "lease", nodeName, "-n", "kube-node-lease", "-o", "json"]));
  return ready?.status === "True" && Date.now() - Date.parse(lease.spec.renewTime) < 30_000;
}

function claimKubeletDir(): void {
  if (existsSync(kubeletDir) && readdirSync(kubeletDir).length > 0 && !isOurs()) {
    throw new Error(
      `${kubeletDir} belongs to a kubelet that is not this lab's; the lab cannot run beside another node`,
    );
  }
  mkdirSync(kubeletDir, { recursive: true });
  writeConfig(owner, ownership());
}

/** Whether the kubelet's folder was made by the lab in this very folder: only then may it be thrown away. */
function isOurs(): boolean {
  return existsSync(owner) && readFileSync(owner, "utf8") === ownership();
}

function ownership(): string {
  return `Made by the Holdfast lab at ${labDir()}; lab-reset removes this folder.\n`;
}

/** The host's name servers; a resolver on the loopback address would be the pod's own. */
export function upstreamResolvConf(text = readFileSync("/etc/resolv.conf", "utf8")): string {
  const servers = [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(([, server]) => server ?? "");
  const usable = servers.filter((server) => !server.startsWith("127.") && server !== "::1");
  return usable.map((server) => `nameserver ${server}\n`).join("");
}

/** The kubelet links every log into /var/log/containers. */
function removeLogLinks(): void {
  const folder = "/var/log/containers";
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (!existsSync(join(folder, name))) rmSync(join(folder, name), { force: true });
}

/** Emptied, not removed, since it may be a mount of its own; the owner's mark goes last, so that a repeat knows it again. */
function emptyKubeletDir(): void {
  const entries = readdirSync(kubeletDir).map((name) => join(kubeletDir, name));
  for (const entry of [...entries.filter((one) => one !== owner), owner])
    rmSync(entry, { recursive: true, force: true });
}
