import { someOf } from "../../base/some-of.ts";
import type { Hardware, NodeGroup } from "../../flow/hardware.ts";
import { gpuOf, gpuText, isAccelerator } from "../preflight/gpu/node-gpu.ts";

/** What the applications of a point ran on, a line for each kind of node: "2 nodes, amd64, 8 nvidia.com/gpu of A100: shop/llm". */
export function ranOnLines({ nodes = [], workloads = [] }: Hardware): string[] {
  return nodes.flatMap((group) => {
    const users = workloads.filter((one) => one.nodes.some((name) => group.names.includes(name)));
    if (users.length === 0) return [];
    const names = users.map(({ by }) => by.slice(by.indexOf(" ") + 1));
    return [`${describe(group)}: ${someOf(names, 4)}`];
  });
}

function describe(group: NodeGroup): string {
  const { count, arch, runtime } = group;
  const devices = Object.entries(group.allocatable).filter(([name]) => isAccelerator(name));
  const { driver, ...gpu } = gpuOf(group);
  const made = devices.map(([name, amount]) => `${amount} ${name}`).join(", ");
  const parts = [
    `${count} node${count === 1 ? "" : "s"}`,
    arch,
    made && gpu.product ? `${made} of ${gpuText(gpu)}` : made,
    driver ? `driver ${driver}` : "",
    runtime,
  ];
  return parts.filter(Boolean).join(", ");
}
