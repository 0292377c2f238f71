import { Fault } from "../base/fault.ts";
import type { KubeClient } from "../kube/contract.ts";
import { findRun } from "./find-run.ts";

/** Where the point lies that a person names: on `from`, or on the target of a backup of the cluster. */
export async function pointPlace(
  client: KubeClient,
  text: string,
  from: string | undefined,
): Promise<{ place: string; id: string }> {
  if (from) return { place: from, id: text };
  const { kind, metadata, status } = await findRun(client, text);
  const where = status?.point;
  if (!kind.endsWith("Backup") || !where) {
    throw new Fault("INVALID", `${kind} ${metadata.name} has no recovery point`, { hint: "holdfast points" });
  }
  return { place: `${where.target.name}.${where.target.namespace}`, id: where.id };
}
