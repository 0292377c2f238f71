import { someOf } from "../../../base/some-of.ts";
import type { Finding } from "../../../base/finding.ts";
import { type Check, gather } from "../check.ts";
import { allContainers } from "../pods.ts";
import { gpuOf, type NodeGpu } from "./node-gpu.ts";
import { compareVersions } from "./versions.ts";

const variables = new Set(["NVIDIA_REQUIRE_CUDA", "NVIDIA_REQUIRE_DRIVER", "CUDA_VERSION"]);

/**
 * Containers that say which CUDA or driver they require (NVIDIA_REQUIRE_CUDA="cuda>=12.4 brand=tesla,driver>=535", or only
 * CUDA_VERSION), against what GPU feature discovery writes on the nodes. An image may require more in its own environment,
 * which nobody sees here: what it ran on tells of that (`olderDrivers`).
 */
export const gpuDrivers: Check = ({ facts }) => {
  const versions = (facts.nodes ?? []).map(gpuOf).filter((one) => one.cuda || one.driver);
  const unmet = new Map<string, string[]>();
  return {
    see({ pods, key }) {
      if (versions.length === 0) return;
      for (const { name, value } of pods?.specs.flatMap(allContainers).flatMap((one) => one.env ?? []) ?? []) {
        if (!variables.has(name) || typeof value !== "string") continue;
        if (!versions.some((node) => isMet(requirementOf(name, value), node))) gather(unmet, `${name}=${value}`, key);
      }
    },
    findings: () => findingsOf(unmet, versions),
  };
};

function findingsOf(unmet: ReadonlyMap<string, string[]>, versions: readonly NodeGpu[]): Finding[] {
  const have = [...new Set(versions.map(({ cuda, driver }) => `CUDA ${cuda ?? "?"} with driver ${driver ?? "?"}`))];
  return [...unmet].map(([wanted, users]) => ({
    code: "GPU_DRIVER_TOO_OLD",
    severity: "warning" as const,
    subject: users[0]!,
    message: `${someOf(users)} require ${wanted}; the nodes have ${have.join(", ")}`,
    advice: "bring the drivers of the nodes up, or use an image for what they have",
  }));
}

/** A toolkit runs on each driver of its major version, which runs programs of newer minor versions too. */
function requirementOf(name: string, value: string): string {
  return name === "CUDA_VERSION" ? `cuda>=${value.split(".")[0]}` : value;
}

/** Words apart by spaces are alternatives, those apart by commas hold together; what nodes do not tell is taken to hold. */
function isMet(requirement: string, node: NodeGpu): boolean {
  return requirement
    .trim()
    .split(/\s+/)
    .some((option) => option.split(",").every((word) => holds(word, node)));
}

function holds(word: string, node: NodeGpu): boolean {
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
