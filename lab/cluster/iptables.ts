import { network } from "../network.ts";

export interface Rule {
  readonly table: "nat" | "filter";
  readonly chain: string;
  readonly spec: readonly string[];
  /** Put before the rules that are there already, not after them. */
  readonly first?: boolean;
}

const comment = ["-m", "comment", "--comment", "holdfast-lab"];

/** kube-proxy rewrites the address of every Service that exists before these rules see it: what they see leads nowhere. */
const refusals: readonly Rule[] = ["FORWARD", "OUTPUT"].flatMap((chain) => [
  refuse(chain, "tcp", "tcp-reset"),
  refuse(chain, "udp", "icmp-port-unreachable"),
]);

function refuse(chain: string, protocol: string, answer: string): Rule {
  const spec = ["-d", network.serviceCidr, "-p", protocol, ...comment, "-j", "REJECT", "--reject-with", answer];
  return { table: "filter", chain, spec, first: true };
}

/**
 * Pods may talk to each other and to the outside, from where they look like the host. An address of no Service is refused at
 * once; it must not leave by the default route, where a stranger may answer.
 */
export const networkRules: readonly Rule[] = [
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
  ...refusals,
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
