import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { finding } from "./table.ts";

/** Kinds that could not be read: one finding for those of the namespaces, one for those of the cluster. */
export function unreadFindings({ unreached = [], namespaces }: Inventory): readonly Finding[] {
  const whatOf = (kind: string) => unreached.filter((one) => one.kind === kind).map((one) => one.what);
  const inNamespaces = whatOf("resource");
  const silent = unreached.filter((one) => one.kind === "silent-resource").map((one) => one.because);
  const ofCluster = whatOf("cluster-resource");
  const hardware = whatOf("hardware");
  return [
    ...(inNamespaces.length > 0
      ? [
          finding(
            "KIND_NOT_READ",
            `namespace ${namespaces.join(", ")}`,
            `not allowed to read ${inNamespaces.join("; ")}`,
          ),
        ]
      : []),
    ...(silent.length > 0
      ? [
          finding(
            "KIND_NOT_ANSWERING",
            `namespace ${namespaces.join(", ")}`,
            `nobody could be asked: ${someOf(silent)}; whether there are objects of it cannot be told`,
          ),
        ]
      : []),
    ...(ofCluster.length > 0
      ? [finding("CLUSTER_NOT_READ", "the cluster", `not allowed to read ${ofCluster.join(", ")}`)]
      : []),
    ...(hardware.length > 0
      ? [finding("HARDWARE_NOT_READ", "the cluster", `not allowed to list ${hardware.join(", ")}`)]
      : []),
  ];
}
