import { kindResource } from "../api/index.ts";
import { Fault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { isInstalled } from "./connection.ts";

/** The plan that a person names: "name" is a ClusterBackupPlan, "namespace/name" a BackupPlan. */
export async function findPlan(client: KubeClient, text: string): Promise<KubeObject> {
  const [first = "", second] = text.split("/");
  const kind = second === undefined ? "ClusterBackupPlan" : "BackupPlan";
  const plan = (await isInstalled(client))
    ? await client.find(kindResource(kind), second ?? first, second === undefined ? undefined : first)
    : undefined;
  if (plan) return plan;
  throw new Fault("NOT_FOUND", `there is no ${kind} ${text}`, {
    hint: "kubectl get clusterbackupplans,backupplans -A",
  });
}
