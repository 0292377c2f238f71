import { parse } from "../api/parse.ts";
import { transformSets } from "../api/resources.ts";
import { Fault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { KubeClient } from "../kube/contract.ts";
import type { RestoreOptions } from "../plan/restore.ts";
import { restoreOptionsOf, transformSetsOf } from "./specs.ts";

/** What a Restore or ClusterRestore asks for, with the TransformSets that it names read from the cluster. */
export async function readRestoreOptions(
  client: KubeClient,
  restore: KubeObject,
  point: RecoveryPoint,
): Promise<RestoreOptions> {
  const sets = new Map<string, KubeObject>();
  for (const key of transformSetsOf(restore)) {
    const [namespace = "", name = ""] = key.split("/");
    const set = await client.find(transformSets, name, namespace);
    if (!set) throw new Fault("NOT_FOUND", `there is no TransformSet ${key}`, { hint: "kubectl get transformsets -A" });
    parse("TransformSet", set);
    sets.set(key, set);
  }
  return restoreOptionsOf(restore, point, sets);
}
