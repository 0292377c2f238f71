import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { events, pods } from "../kube/well-known.ts";
import { podTrouble, type Trouble } from "../movers/pod-trouble.ts";

const patienceMs = 40_000;

/** Why the pod of a runner Job does not start, once it had some time; undefined for one that runs or just takes its time. */
export async function runnerTrouble(
  client: KubeClient,
  job: KubeObject,
): Promise<(Trouble & { readonly forMs: number }) | undefined> {
  const namespace = job.metadata.namespace ?? "";
  for await (const { object: pod } of client.list(pods, { namespace, labels: `job-name=${job.metadata.name}` })) {
    const age = Date.now() - Date.parse(pod.metadata.creationTimestamp ?? "");
    if (pod.status?.phase !== "Pending" || age < patienceMs) continue;
    const said: KubeObject[] = [];
    for await (const { object } of client.list(events, { namespace, fields: `involvedObject.uid=${pod.metadata.uid}` }))
      said.push(object);
    const trouble = podTrouble(pod, said);
    if (trouble?.certain) return { ...trouble, forMs: age };
  }
  return undefined;
}
