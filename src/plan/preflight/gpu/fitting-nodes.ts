import type { PodSpec } from "../../../profiles/pod-spec.ts";
import type { NodeFact } from "../facts.ts";
import { hasAmount, isSelected } from "../node-fit.ts";
import { gpuOf, isAccelerator } from "./node-gpu.ts";

/** Nodes that a pod chooses and that have its devices, one of each kind of device: what is compared is the kind. */
export type FittingNodes = (spec: PodSpec, devices: ReadonlyMap<string, number>) => readonly NodeFact[];

/** Thousands of pods ask for the same few things of hundreds of nodes. */
export function fittingNodes(nodes: readonly NodeFact[]): FittingNodes {
  const known = new Map<string, readonly NodeFact[]>();
  const kinds = new Map(nodes.map((node) => [node, kindOf(node)]));
  return (spec, devices) => {
    const asked = JSON.stringify([spec.nodeSelector, spec.affinity?.nodeAffinity, [...devices]]);
    const before = known.get(asked);
    if (before) return before;
    const fitting = nodes.filter(
      (node) => isSelected(spec, node) && [...devices].every(([name, amount]) => hasAmount(node, name, amount)),
    );
    const found = [...new Map(fitting.map((node) => [kinds.get(node), node])).values()];
    known.set(asked, found);
    return found;
  };
}

function kindOf(node: NodeFact): string {
  return JSON.stringify([gpuOf(node), Object.entries(node.allocatable).filter(([name]) => isAccelerator(name))]);
}
