import { kindResource } from "../api/index.ts";
import { Fault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";

/** The backup or restore that a person names: "name" for cluster-wide ones, "namespace/name" for namespaced ones. */
export async function findRun(client: KubeClient, text: string): Promise<KubeObject> {
  const [first = "", second] = text.split("/");
  const kinds = second === undefined ? ["ClusterBackup", "ClusterRestore"] : ["Backup", "Restore"];
  for (const kind of kinds) {
    const object = await client.find(kindResource(kind), second ?? first, second === undefined ? undefined : first);
    if (object) return object;
  }
  throw new Fault("NOT_FOUND", `no ${kinds.join(" or ")} "${text}"`, { hint: "kubectl get holdfast -A" });
}
