import { someOf } from "../../../base/some-of.ts";
import type { PodSpec } from "../../../profiles/pod-spec.ts";
import { type Check, gather } from "../check.ts";
import type { NodeFact } from "../facts.ts";
import { hasAmount, isSelected } from "../node-fit.ts";
import { allContainers, requestsOf } from "../pods.ts";
import { gpuOf, type NodeGpu } from "./node-gpu.ts";
import { compareVersions } from "./versions.ts";

const variables = new Set(["NVIDIA_REQUIRE_CUDA", "NVIDIA_REQUIRE_DRIVER", "CUDA_VERSION"]);

/**
 * Containers that say which CUDA or driver they require (NVIDIA_REQUIRE_CUDA="cuda>=12.4 brand=tesla,driver>=535", or only
 * CUDA_VERSION), against what GPU feature discovery writes on the nodes. An image may require more in its own environment,
 * which nobody sees here: what it ran on tells of that (`olderDrivers`).
 */
export const gpuDrivers: Check = ({ facts }) => {
  const nodes = facts.nodes ?? [];
  const unmet = new Map<string, string[]>();
  return {
    see({ pods, key }) {
      for (const spec of pods?.specs ?? []) {
        const asked = requirementsOf(spec);
        if (asked.length === 0) continue;
        const versions = versionsFor(spec, nodes);
        for (const { name, value } of asked) {
          if (versions.length === 0 || versions.some((node) => isMet(requirementOf(name, value), node))) continue;
          const have = versions.map(({ cuda, driver }) => `CUDA ${cuda ?? "?"} with driver ${driver ?? "?"}`);
          gather(unmet, `require ${name}=${value}; the nodes have ${someOf(have)}`, key);
        }
      }
    },
    findings: () =>
      [...unmet].map(([message, users]) => ({
        code: "GPU_DRIVER_TOO_OLD",
        severity: "warning" as const,
        subject: users[0]!,
        message: `${someOf(users)} ${message}`,
        advice: "bring the drivers of the nodes up, or use an image for what they have",
      })),
  };
};

function requirementsOf(spec: PodSpec): readonly { readonly name: string; readonly value: string }[] {
  const env: any[] = allContainers(spec).flatMap((one) => one.env ?? []);
  return env.filter(({ name, value }) => variables.has(name) && typeof value === "string");
}

/** Of the nodes that it may run on, those that tell. */
function versionsFor(spec: PodSpec, nodes: readonly NodeFact[]): readonly NodeGpu[] {
  const devices = [...requestsOf(spec)].filter(([name]) => name.includes("/"));
  return nodes
    .filter((node) => isSelected(spec, node) && devices.every(([name, amount]) => hasAmount(node, name, amount)))
    .map(gpuOf)
    .filter((one) => one.cuda || one.driver);
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
