import { Fault } from "../base/fault.ts";
import type { Volume } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { objectsOf } from "../kube/objects.ts";
import { pods } from "../kube/well-known.ts";
import type { MoverVolume } from "../movers/contract.ts";

/** Where a running pod has the volume mounted now: the pod of the inventory may have been replaced since. */
export async function whereMounted(client: KubeClient, volume: Volume): Promise<MoverVolume> {
  const inNamespace = await objectsOf(client, pods, { namespace: volume.namespace });
  const users = inNamespace.filter((one) => mounts(one, volume.claim));
  const pod = users.find((one) => one.metadata.uid === volume.usedBy?.podUid) ?? users[0];
  if (!pod) {
    throw new Fault("VOLUME", `volume ${volume.id} has no snapshot support, and no running pod mounts it any more`, {
      subject: volume.id,
      hint: "start the workload that uses it, or use a storage class whose driver has snapshots",
      retry: "soon",
    });
  }
  return { kind: "live", node: pod.spec.nodeName, podUid: pod.metadata.uid ?? "", volumeName: volume.volumeName };
}

/** The very pod whose emptyDir it is; another one has another. Undefined where it runs no more. */
export async function whereEmptyDir(
  client: KubeClient,
  { namespace, usedBy, volumeName }: Volume,
): Promise<MoverVolume | undefined> {
  const pod = usedBy && (await client.find(pods, usedBy.pod, namespace));
  const isRunning = pod?.status?.phase === "Running" && !pod.metadata.deletionTimestamp;
  if (!usedBy || !isRunning || pod.metadata.uid !== usedBy.podUid) return undefined;
  return { kind: "live", node: pod.spec.nodeName, podUid: usedBy.podUid, volumeName, emptyDir: true };
}

export function mounts(pod: KubeObject, claim: string): boolean {
  if (pod.status?.phase !== "Running" || !pod.spec?.nodeName || pod.metadata.deletionTimestamp) return false;
  return (pod.spec.volumes ?? []).some((one: KubeObject["spec"]) => one.persistentVolumeClaim?.claimName === claim);
}
