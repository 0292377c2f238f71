import { someOf } from "../../../base/some-of.ts";
import type { NodeFact } from "../facts.ts";

type Labels = Readonly<Record<string, string>>;

export function hasNode(nodes: readonly NodeFact[], wanted: Labels): boolean {
  return nodes.some(({ labels }) => Object.entries(wanted).every(([key, value]) => labels[key] === String(value)));
}

export function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}

/** The same keys with the values that nodes have: what to write instead. */
export function proposal(wanted: Labels, nodes: readonly NodeFact[]): string {
  const instead = Object.keys(wanted).flatMap((key) => {
    const values = new Set(nodes.flatMap(({ labels }) => labels[key] ?? []));
    return values.size > 0 ? [`${key}: ${someOf(values, 3)}`] : [];
  });
  return instead.length > 0
    ? `choose what the nodes have (${instead.join("; ")}), or label nodes (kubectl label node)`
    : `label nodes (kubectl label node NODE ${labelsText(wanted).replaceAll(", ", " ")}), or take the choice away`;
}
