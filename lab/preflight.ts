import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { cacheDir, kubeletDir, labDir } from "./paths.ts";
import { sh } from "./run/shell.ts";

/** What the checks look at. */
export interface Machine {
  readonly platform: string;
  readonly isRoot: boolean;
  readonly cgroupControllers: readonly string[];
  readonly freeGigabytes: number;
  readonly alreadyUp: boolean;
  readonly go: string | undefined;
  readonly hasNpm: boolean;
}

const neededControllers = ["cpu", "memory", "pids"];
const neededGigabytes = 20;
/** A lab that is there already holds most of what it needs. */
const neededGigabytesAgain = 5;
const neededGo = [1, 26] as const;

/** Everything that stands in the way of a lab on this machine, each with what to do about it. */
export function obstacles(machine: Machine): string[] {
  if (machine.platform !== "linux") return ["The lab runs on Linux only."];
  const missing = neededControllers.filter((name) => !machine.cgroupControllers.includes(name));
  const gigabytes = machine.alreadyUp ? neededGigabytesAgain : neededGigabytes;
  return [
    machine.isRoot ? "" : "The lab starts containers and mounts file systems: run it as root.",
    missing.length === 0
      ? ""
      : `Control groups are missing (${missing.join(", ")}): a container needs to be privileged for this.`,
    machine.freeGigabytes >= gigabytes
      ? ""
      : `${gigabytes} GB of free disk are needed at ${labDir()} and ${cacheDir()}, ${machine.freeGigabytes.toFixed(0)} are there.`,
    isGoodGo(machine.go)
      ? ""
      : `Go ${neededGo.join(".")} or newer is needed to build Kubernetes; found: ${machine.go ?? "none"}.`,
    machine.hasNpm ? "" : "npm is needed (it comes with Node).",
  ].filter((problem) => problem !== "");
}

/** Ends with a reason and a way out where the lab cannot run. */
export async function refuseWhereImpossible(): Promise<void> {
  const problems = obstacles(await lookAround());
  if (problems.length === 0) return;
  throw new Error(
    [
      "The lab cannot run here:",
      ...problems.map((problem) => `  - ${problem}`),
      "Holdfast itself does not need the lab: README.md says how to use it on a cluster of your own.",
    ].join("\n"),
  );
}

async function lookAround(): Promise<Machine> {
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    cgroupControllers: cgroupControllers(),
    freeGigabytes: Math.min(...[labDir(), cacheDir(), kubeletDir].map(freeGigabytes)),
    alreadyUp: existsSync(labDir("etcd")),
    go: await output("go", ["env", "GOVERSION"]),
    hasNpm: (await output("npm", ["--version"])) !== undefined,
  };
}

function isGoodGo(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? "").replace(/^go/, "").split(".").map(Number);
  return major > neededGo[0] || (major === neededGo[0] && minor >= neededGo[1]);
}

function cgroupControllers(): string[] {
  const unified = "/sys/fs/cgroup/cgroup.controllers";
  if (existsSync(unified)) return readFileSync(unified, "utf8").trim().split(" ");
  return existsSync("/sys/fs/cgroup") ? readdirSync("/sys/fs/cgroup") : [];
}

function freeGigabytes(folder: string): number {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  return (bavail * bsize) / 2 ** 30;
}

function output(command: string, args: readonly string[]): Promise<string | undefined> {
  return sh(command, args, { seconds: 20 }).then(
    (text) => text.trim(),
    () => undefined,
  );
}
