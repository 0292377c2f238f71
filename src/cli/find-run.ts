import { kindResource } from "../api/index.ts";
import { Fault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { needInstalled } from "./connection.ts";

/**
 * The backup or restore that a person names: "name" for cluster-wide ones, "namespace/name" for namespaced ones. A backup
 * also by the id of its point, or the start of it.
 */
export async function findRun(
  client: KubeClient,
  text: string,
  withoutOperator = "name the target that holds the point: --from DIR, --from s3://...",
): Promise<KubeObject> {
  await needInstalled(client, withoutOperator);
  const [first = "", second] = text.split("/");
  const kinds = second === undefined ? ["ClusterBackup", "ClusterRestore"] : ["Backup", "Restore"];
  for (const kind of kinds) {
    const object = await client.find(kindResource(kind), second ?? first, second === undefined ? undefined : first);
    if (object) return object;
  }
  const byPoint = await backupsOf(client, text);
  if (byPoint.length === 1 && byPoint[0]) return byPoint[0];
  if (byPoint.length > 1) {
    throw new Fault(
      "USAGE",
      `"${text}" fits ${byPoint.length} recovery points: ${byPoint.map((one) => one.metadata.name).join(", ")}`,
      { hint: "name one of them" },
    );
  }
  throw new Fault("NOT_FOUND", `there is no ${kinds.join(" or ")} "${text}", and no recovery point of that id`, {
    hint: "holdfast points, or kubectl get holdfast -A",
  });
}

async function backupsOf(client: KubeClient, point: string): Promise<KubeObject[]> {
  if (!/^\d{8}/.test(point)) return []; // ids begin with a date
  const found: KubeObject[] = [];
  for (const kind of ["ClusterBackup", "Backup"]) {
    for await (const { object } of client.list(kindResource(kind))) {
      if (String(object.status?.point?.id ?? "").startsWith(point)) found.push(object);
    }
  }
  return found;
}
