import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { network } from "../network.ts";
import { labDir } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { sh } from "../run/shell.ts";
import { type Rule, networkRules, withoutProxyChains } from "./iptables.ts";

/** Kernel settings that a node needs. Their former values are kept and put back by `down`. */
const settings: Readonly<Record<string, string>> = {
  "/proc/sys/net/ipv4/ip_forward": "1",
  "/proc/sys/net/bridge/bridge-nf-call-iptables": "1",
  "/proc/sys/fs/inotify/max_user_instances": "8192",
  "/proc/sys/fs/inotify/max_user_watches": "524288",
  "/proc/sys/vm/overcommit_memory": "1",
  "/proc/sys/kernel/panic": "10",
  "/proc/sys/kernel/panic_on_oops": "1",
};
const savedSettings = () => labDir("kernel-settings.json");

/**
 * The host's own packets to a Service are routed before kube-proxy's rules rewrite them: without a default route they would fail,
 * with one they would get a stranger's address to come from. Not by way of the bridge: the host would then tell pods, in redirects
 * that they believe for minutes, that a Service which is not there yet is their neighbour.
 */
const serviceRoute = [network.serviceCidr, "dev", "lo", "src", network.bridgeAddress];

/** The bridge that pods hang on and that everything of the lab listens on, with address translation to the outside. */
export const bridge: Part = {
  name: "network",
  needs: ["apt"],
  seconds: { cold: 1, warm: 1 },
  up: async () => {
    await setKernel();
    if (!(await succeeds("ip", ["link", "show", network.bridge]))) await makeBridge();
    await sh("ip", ["link", "set", network.bridge, "up"]);
    await sh("ip", ["route", "replace", ...serviceRoute]);
    for (const rule of networkRules) await addRule(rule);
  },
  down: async () => {
    for (const rule of networkRules) await removeRule(rule);
    await sh("ip", ["route", "delete", ...serviceRoute]).catch(() => {}); // It was never there.
    await removeProxyRules();
    await removePodNetworks();
    await sh("ip", ["link", "delete", network.bridge]).catch(() => {});
    restoreKernel();
  },
  status: async () => {
    const up = await succeeds("ip", ["link", "show", network.bridge]);
    return up ? `bridge ${network.bridge} at ${network.bridgeAddress}` : `no bridge ${network.bridge}`;
  },
};

async function makeBridge(): Promise<void> {
  const routes = await sh("ip", ["route", "show", "to", "match", network.bridgeAddress]);
  const taken = routes.split("\n").find((line) => line !== "" && !line.startsWith("default"));
  if (taken !== undefined) {
    throw new Error(
      `${network.podCidr} is already routed here (${taken.trim()}); change lab/network.ts to a free range`,
    );
  }
  await sh("ip", ["link", "add", network.bridge, "type", "bridge"]);
  // A fixed hardware address, or the bridge takes its lowest port's and changes it as pods come and go.
  await sh("ip", ["link", "set", network.bridge, "address", "0a:58:0a:c7:00:01"]);
  await sh("ip", [
    "address",
    "add",
    `${network.bridgeAddress}/${network.podCidr.split("/")[1]}`,
    "dev",
    network.bridge,
  ]);
}

async function setKernel(): Promise<void> {
  const before = readSettings() ?? Object.fromEntries(Object.keys(settings).map((file) => [file, readOrEmpty(file)]));
  writeFileSync(savedSettings(), JSON.stringify(before, undefined, 2));
  for (const [file, value] of Object.entries(settings)) {
    const now = readOrEmpty(file);
    if (now === "" && file.includes("/bridge/")) {
      throw new Error("the kernel does not filter bridged packets (br_netfilter): load that module and try again");
    }
    // Limits are only ever raised.
    if (now !== "" && Number(now) < Number(value)) writeFileSync(file, value);
  }
}

function restoreKernel(): void {
  for (const [file, value] of Object.entries(readSettings() ?? {})) if (value !== "") writeFileSync(file, value);
  rmSync(savedSettings(), { force: true });
}

function readSettings(): Record<string, string> | undefined {
  const text = readOrEmpty(savedSettings());
  return text === "" ? undefined : (JSON.parse(text) as Record<string, string>);
}

/**
 * Cables of pods that are no more, and then their network namespaces: those with the CNI's names in which nothing is left but
 * the loopback, so that the pods of any other bridge keep theirs.
 */
async function removePodNetworks(): Promise<void> {
  const links = await sh("ip", ["-o", "link", "show", "master", network.bridge]).catch(() => "");
  for (const [, link] of links.matchAll(/^\d+: ([^:@]+)/gm)) {
    await sh("ip", ["link", "delete", link ?? ""]).catch(() => {});
  }
  const namespaces = await sh("ip", ["netns", "list"]);
  for (const [, name] of namespaces.matchAll(/^(cni-[0-9a-f-]+)/gm)) {
    const links = await sh("ip", ["-o", "-n", name ?? "", "link", "show"]).catch(() => "");
    if (links.trim().split("\n").length === 1 && links.includes("LOOPBACK")) {
      await sh("ip", ["netns", "delete", name ?? ""]).catch(() => {});
    }
  }
}

/** What kube-proxy, kubelet and the portmap plugin left behind. */
async function removeProxyRules(): Promise<void> {
  for (const command of ["iptables", "ip6tables"]) {
    const saved = await sh(`${command}-save`).catch(() => "");
    if (!saved.includes(":KUBE-") && !saved.includes(":CNI-")) continue;
    await sh(`${command}-restore`, [], { input: withoutProxyChains(saved) });
  }
}

async function addRule(rule: Rule): Promise<void> {
  if (!(await succeeds("iptables", ["-w", "-t", rule.table, "-C", rule.chain, ...rule.spec]))) {
    await sh("iptables", ["-w", "-t", rule.table, rule.first === true ? "-I" : "-A", rule.chain, ...rule.spec]);
  }
}

async function removeRule(rule: Rule): Promise<void> {
  while (await succeeds("iptables", ["-w", "-t", rule.table, "-D", rule.chain, ...rule.spec])) {
    // The same rule may be there twice after an interrupted run.
  }
}

function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return sh(command, args).then(
    () => true,
    () => false,
  );
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
