import { network } from "../network.ts";

export interface Rule {
  readonly table: "nat" | "filter";
  readonly chain: string;
  readonly spec: readonly string[];
}

const comment = ["-m", "comment", "--comment", "holdfast-lab"];

/** Pods may talk to each other and to the outside, from where they look like the host. */
export const natRules: readonly Rule[] = [
  {
    table: "nat",
    chain: "POSTROUTING",
    spec: [
      "-s",
      network.podCidr,
      "!",
      "-d",
      network.podCidr,
      "!",
      "-o",
      network.bridge,
      ...comment,
      "-j",
      "MASQUERADE",
    ],
  },
  { table: "filter", chain: "FORWARD", spec: ["-i", network.bridge, ...comment, "-j", "ACCEPT"] },
  { table: "filter", chain: "FORWARD", spec: ["-o", network.bridge, ...comment, "-j", "ACCEPT"] },
];

/**
 * Out of an `iptables-save`, the same rules without the chains of Kubernetes and CNI and without every jump to them:
 * input for `iptables-restore`.
 */
export function withoutProxyChains(saved: string): string {
  const ours = /(^:|-A |-j |-g )(KUBE|CNI)-/;
  return saved
    .split("\n")
    .filter((line) => !ours.test(line))
    .join("\n");
}
