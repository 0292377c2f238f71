import { someOf } from "../../../base/some-of.ts";
import type { Hardware } from "../../../flow/hardware.ts";
import { refKey } from "../../../flow/object.ts";
import { type Check, gather } from "../check.ts";
import type { NodeFact } from "../facts.ts";
import { isSelected } from "../node-fit.ts";

/** Images that ran on amd64 only, and nodes that are arm64 only (or the other way round). */
export const architecture: Check = ({ facts, point }) => {
  const ranOn = archesByWorkload(point.hardware);
  const nodes = (facts.nodes ?? []).filter((one) => one.arch);
  const unfit = new Map<string, string[]>();
  return {
    see({ one, key, pods }) {
      const before = ranOn.get(refKey(one.ref));
      if (!before) return;
      const isChosen = (node: NodeFact) => pods?.specs.every((spec) => isSelected(spec, node)) ?? true;
      if (nodes.some((node) => before.has(node.arch!) && isChosen(node))) return;
      const chosen = nodes.filter(isChosen);
      if (chosen.length === 0) return;
      gather(
        unfit,
        `${[...before].sort().join(", ")}; ${[...new Set(chosen.map(({ arch }) => arch!))].join(", ")}`,
        key,
      );
    },
    findings: () =>
      [...unfit].map(([arches, keys]) => {
        const [before, now] = arches.split("; ");
        return {
          code: "IMAGE_ARCH_DIFFERS",
          severity: "warning" as const,
          subject: keys[0]!,
          message: `images of ${someOf(keys)} ran on ${before}, and the nodes that they may run on are ${now}: an image for one of them only does not start`,
          advice: "look whether the images are built for both (skopeo inspect --raw), or add nodes of the first kind",
        };
      }),
  };
};

/** By refKey of a workload: the architectures of the nodes that its pods ran on. */
function archesByWorkload({ nodes = [], workloads = [] }: Hardware = {}): ReadonlyMap<string, ReadonlySet<string>> {
  const archOf = new Map(nodes.flatMap(({ names, arch }) => (arch ? names.map((name) => [name, arch] as const) : [])));
  const found = new Map<string, Set<string>>();
  for (const { by, nodes: names } of workloads) {
    const arches = found.get(by) ?? new Set();
    for (const name of names) if (archOf.has(name)) arches.add(archOf.get(name)!);
    if (arches.size > 0) found.set(by, arches);
  }
  return found;
}
