import { toFault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { namespaces } from "../kube/well-known.ts";
import { systemNamespace } from "./contract.ts";

/** Holdfast's namespace, for a run without an installed operator. */
export async function ensureNamespace(client: KubeClient, name = systemNamespace): Promise<void> {
  const namespace: KubeObject = {
    apiVersion: "v1",
    kind: "Namespace",
    // Movers read files of any owner, and live volumes by the node's path.
    metadata: {
      name,
      labels: { "app.kubernetes.io/name": "holdfast", "pod-security.kubernetes.io/enforce": "privileged" },
    },
  };
  try {
    if (!(await client.find(namespaces, name))) await client.create(namespaces, namespace);
  } catch (error) {
    const { code } = toFault(error);
    if (code !== "CONFLICT" && code !== "FORBIDDEN") throw error; // somebody was faster; or it is there and not ours to read
  }
}
