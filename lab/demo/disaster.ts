import { reset } from "../lab.ts";
import { deployOperators } from "../platform/deploy.ts";
import { connectTarget, installHoldfast, type KeptPlace } from "./install.ts";
import { kubectl } from "./kubectl.ts";
import { detail } from "./story.ts";

export const disasters = ["namespaces", "workload", "cluster"] as const;
export type Disaster = (typeof disasters)[number];

export function parseDisaster(text: string | undefined): Disaster {
  const name = text || "namespaces";
  const found = disasters.find((one) => one === name);
  if (!found) throw new Error(`DISASTER=${name} is not known: ${disasters.join(", ")}`);
  return found;
}

/** Both namespaces deleted; the bucket claim goes with them, and its provisioner deletes the bucket with the weights. */
export async function deleteNamespaces(): Promise<void> {
  detail("kubectl delete namespace rhoai-demo rhoai-model-registries");
  await kubectl("delete", "namespace", "rhoai-demo", "rhoai-model-registries", "--timeout=300s");
}

/** What the walkthrough deletes: the workload, not the namespaces and not the bucket claim. */
export async function deleteWorkload(): Promise<void> {
  for (const command of [
    "delete -n rhoai-demo notebook,datasciencepipelinesapplication,inferenceservice,servingruntime,workflow,statefulset --all",
    "delete pvc -n rhoai-demo --all",
    "delete -n rhoai-model-registries modelregistry rhoai-registry",
    "delete -n rhoai-model-registries deployment/model-registry-db svc/model-registry-db pvc/model-registry-db",
  ]) {
    detail(`kubectl ${command}`);
    await kubectl(...command.split(" "), "--timeout=300s");
  }
}

/** The whole cluster; a new one gets the operators, Holdfast, and the target with its key, and waits until this backup is seen there. */
export async function loseCluster(kept: KeptPlace, backup: string): Promise<void> {
  detail("the whole cluster is thrown away; the backup target and its key are all that is left");
  await reset();
  detail("a new, empty cluster; the platform's operators and Holdfast are installed again");
  await Promise.all([deployOperators(), installHoldfast()]);
  await connectTarget(kept);
  await kubectl("wait", "--for=jsonpath={.status.status}=Available", `clusterbackup/${backup}`, "--timeout=120s");
}
