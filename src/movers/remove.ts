/** Takes away what movers were made of. Everything may be called again; absent is fine. */
import { waitFor } from "../base/wait.ts";
import type { KubeClient } from "../kube/contract.ts";
import { objectsIfServed, objectsOf } from "../kube/objects.ts";
import { claims, jobs, pods, secrets, volumes } from "../kube/well-known.ts";
import { moverSelector } from "./job.ts";
import { runLabel } from "./contract.ts";

/** A mover gets 30 s to let go of its locks. */
const podSeconds = 60;
const claimSeconds = 120;

export async function removeJob(
  client: KubeClient,
  namespace: string,
  job: string,
  secretNames: readonly string[],
): Promise<void> {
  await client.remove(jobs, job, namespace, { propagation: "Background" });
  await Promise.all(secretNames.map((name) => client.remove(secrets, name, namespace)));
  await podsGone(client, namespace, `batch.kubernetes.io/job-name=${job}`);
}

/** Volumes that are mounted cannot be removed: callers go on when the pods have left. */
async function podsGone(client: KubeClient, namespace: string, labels: string): Promise<void> {
  await waitFor(async () => ((await objectsOf(client, pods, { namespace, labels })).length === 0 ? true : undefined), {
    reason: `pods with ${labels} in ${namespace} to end`,
    seconds: podSeconds,
    everyMs: 300,
  });
}

/** Removes a claim and its volume, also where the class says that volumes are retained. */
export async function removeClaim(client: KubeClient, namespace: string, name: string): Promise<void> {
  const claim = await client.find(claims, name, namespace);
  if (!claim) return;
  const volumeName: string | undefined = claim.spec?.volumeName;
  const volume = volumeName ? await client.find(volumes, volumeName) : undefined;
  const ours = volume?.spec?.claimRef?.uid === claim.metadata.uid;
  if (volume && ours && volume.spec.persistentVolumeReclaimPolicy !== "Delete") {
    await client.patch(volumes, volume.metadata.name, undefined, { spec: { persistentVolumeReclaimPolicy: "Delete" } });
  }
  await client.remove(claims, name, namespace, { propagation: "Background" });
}

/** Every Job, Secret and claim of a run in the namespace. */
export async function removeRun(client: KubeClient, namespace: string, run: string): Promise<void> {
  const labels = `${runLabel}=${run}`;
  const found = async (resource: typeof jobs, selector: string) =>
    (await objectsIfServed(client, resource, { namespace, labels: selector })).map(({ metadata }) => metadata.name);
  // The runner's own Job and Secret carry the run's label too: only what belongs to movers goes.
  const moverLabels = `${labels},${moverSelector}`;
  await Promise.all(
    (await found(jobs, moverLabels)).map((name) => client.remove(jobs, name, namespace, { propagation: "Background" })),
  );
  await Promise.all((await found(secrets, moverLabels)).map((name) => client.remove(secrets, name, namespace)));
  await podsGone(client, namespace, moverLabels);
  await Promise.all((await found(claims, labels)).map((name) => removeClaim(client, namespace, name)));
  await waitFor(async () => ((await found(claims, labels)).length === 0 ? true : undefined), {
    reason: `the volumes of run ${run} in ${namespace} to be removed`,
    seconds: claimSeconds,
    everyMs: 300,
  });
}
