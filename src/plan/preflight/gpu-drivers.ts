import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import { type Check, gather } from "./check.ts";
import type { NodeFact } from "./facts.ts";
import { allContainers } from "./pods.ts";

const variables: Readonly<Record<string, "cuda" | "driver">> = {
  NVIDIA_REQUIRE_CUDA: "cuda",
  NVIDIA_REQUIRE_DRIVER: "driver",
};

/**
 * Containers that say which CUDA or driver they require (NVIDIA_REQUIRE_CUDA="cuda>=12.4 brand=tesla,driver>=535"), against
 * what GPU feature discovery writes on the nodes. An image may require more in its own environment, which nobody sees here.
 */
export const gpuDrivers: Check = ({ facts }) => {
  const versions = (facts.nodes ?? []).map(versionsOf).filter((one) => one.cuda || one.driver);
  const unmet = new Map<string, string[]>();
  return {
    see({ pods, key }) {
      if (versions.length === 0) return;
      for (const { name, value } of pods?.specs.flatMap(allContainers).flatMap((one) => one.env ?? []) ?? []) {
        if (!variables[name] || typeof value !== "string") continue;
        if (!versions.some((node) => isMet(value, node))) gather(unmet, `${name}=${value}`, key);
      }
    },
    findings: () => findingsOf(unmet, versions),
  };
};

function findingsOf(unmet: ReadonlyMap<string, string[]>, versions: readonly Versions[]): Finding[] {
  const have = [...new Set(versions.map(({ cuda, driver }) => `CUDA ${cuda ?? "?"} with driver ${driver ?? "?"}`))];
  return [...unmet].map(([wanted, users]) => ({
    code: "GPU_DRIVER_TOO_OLD",
    severity: "warning" as const,
    subject: users[0]!,
    message: `${someOf(users)} require ${wanted}; the nodes have ${have.join(", ")}`,
    advice: "bring the drivers of the nodes up, or use an image for what they have",
  }));
}

interface Versions {
  readonly cuda?: string;
  readonly driver?: string;
}

/** Older and newer names of the same labels. */
function versionsOf({ labels }: NodeFact): Versions {
  const joined = (prefix: string) => {
    const parts = ["major", "minor", "rev"].flatMap((one) => labels[`nvidia.com/cuda.${prefix}.${one}`] ?? []);
    return labels[`nvidia.com/cuda.${prefix}-version.full`] ?? (parts.length > 0 ? parts.join(".") : undefined);
  };
  const [cuda, driver] = [joined("runtime"), joined("driver")];
  return { ...(cuda ? { cuda } : {}), ...(driver ? { driver } : {}) };
}

/** Words apart by spaces are alternatives, those apart by commas hold together; what nodes do not tell is taken to hold. */
function isMet(requirement: string, node: Versions): boolean {
  return requirement
    .trim()
    .split(/\s+/)
    .some((option) => option.split(",").every((word) => holds(word, node)));
}

function holds(word: string, node: Versions): boolean {
  const [, name, operator, wanted] = /^(cuda|driver)(>=|<=|!=|>|<|=)([0-9.]+)$/.exec(word) ?? [];
  const have = name === "cuda" ? node.cuda : name === "driver" ? node.driver : undefined;
  if (!have || !wanted) return true;
  const order = compareVersions(have, wanted);
  switch (operator) {
    case ">=":
      return order >= 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case "<":
      return order < 0;
    case "!=":
      return order !== 0;
    default:
      return order === 0;
  }
}

/** As far as both go: 12.4.1 is 12.4. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((one) => one.split(".").map(Number));
  for (let index = 0; index < Math.min(left!.length, right!.length); index++) {
    const difference = left![index]! - right![index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
