import { someOf } from "../../../base/some-of.ts";
import type { Finding } from "../../../base/finding.ts";
import type { Ask } from "./ask.ts";
import { gpuOf, isWholeDevice } from "./node-gpu.ts";
import { type GpuInput, placed, type Row, together } from "./row.ts";

/** MIG slices that are missing are the check of nodes'; here is what has the same name and is another share of a device. */
export const sharing: Row = (input) => [...shares(input), ...nodeChoices(input)];

function shares(input: GpuInput): readonly Finding[] {
  const whole = placed(input).filter((ask) => [...ask.devices.keys()].some(isWholeDevice));
  return together(whole, (ask) => {
    const [before, now] = [ask.ran, ask.nodes].map((nodes) => shareOf(nodes));
    if (ask.ran.length === 0 || before === undefined || now === undefined || before === now) return undefined;
    return { key: ask.key, message: `had ${before}, and would have ${now}` };
  }).map(({ keys, message }) => ({
    code: "GPU_SHARING_DIFFERS",
    severity: "warning",
    subject: keys[0]!,
    message: `${someOf(keys)} ${message}: the same resource name is another share of a device`,
    advice:
      "choose the same sharing on the nodes (nvidia.com/device-plugin.config, nvidia.com/mig.config), or expect other speed and memory",
  }));
}

/** What all of the nodes have; undefined where they differ: then there is one that fits. */
function shareOf(nodes: Ask["nodes"] | Ask["ran"]): string | undefined {
  const kinds = new Set(
    nodes.map((node) => {
      const { replicas, migStrategy } = gpuOf(node);
      if (migStrategy === "single") return "slices of a device (MIG)";
      return replicas > 1 ? `a device shared by ${replicas} pods` : "a device of its own";
    }),
  );
  return kinds.size === 1 ? [...kinds][0] : undefined;
}

const choices = ["nvidia.com/mig.config", "nvidia.com/device-plugin.config"];

/** Labels that a person put on nodes: they lie on Node objects, which no backup of namespaces brings back (trap C27). */
function nodeChoices({ asks, nodes }: GpuInput): readonly Finding[] {
  const wanted = new Map<string, Set<string>>();
  const here = new Set(nodes.flatMap(({ labels }) => choices.map((name) => `${name}=${labels[name]}`)));
  for (const { ran, key } of asks) {
    for (const { labels } of ran) {
      for (const name of choices) {
        const value = labels[name];
        if (!value || value === "all-disabled" || here.has(`${name}=${value}`)) continue;
        wanted.set(`${name}=${value}`, (wanted.get(`${name}=${value}`) ?? new Set()).add(key));
      }
    }
  }
  if (nodes.length === 0) return [];
  return [...wanted].map(([label, keys]) => ({
    code: "GPU_NODE_CONFIG_MISSING",
    severity: "warning",
    subject: label,
    message: `nodes that ${someOf(keys)} ran on were set up by this label, and no node here has it`,
    advice: `kubectl label node NODE ${label}, where ConfigMap and GPU operator here know that name`,
  }));
}
