/** Takes away what a capture made in the cluster, in the order in which nothing is left dangling. Absent is fine everywhere. */
import { toFault } from "../base/fault.ts";
import { waitFor } from "../base/wait.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { objectsIfServed } from "../kube/objects.ts";
import { claims, snapshotContents, snapshots, volumes } from "../kube/well-known.ts";
import { type Movers, runLabel, systemNamespace } from "../movers/contract.ts";
import { removeClaim } from "../movers/remove.ts";
import { ofRun } from "./snapshots.ts";

const goneSeconds = 120;
const bindSeconds = 10;
const remindAfterMs = 3000;
const reminder = "holdfast.dev/reminded";

/** A clone and the second binding of its snapshot; some drivers keep a snapshot as long as a clone of it is there. */
export async function removeClone(client: KubeClient, name: string): Promise<void> {
  const claim = await client.find(claims, name, systemNamespace);
  await removeClaim(client, systemNamespace, name);
  await volumeGone(client, name, claim?.spec?.volumeName);
  await client.remove(snapshots, name, systemNamespace);
  await removeContent(client, name);
}

/**
 * The snapshot controller puts this on a content when it sees its VolumeSnapshot go, and the driver's sidecar takes its
 * finalizer away only where it finds it. A VolumeSnapshot that was there too shortly is never seen to go.
 */
const beingDeleted = "snapshot.storage.kubernetes.io/volumesnapshot-being-deleted";

async function removeContent(client: KubeClient, name: string): Promise<void> {
  if (!(await client.find(snapshotContents, name))) return;
  await client
    .patch(snapshotContents, name, undefined, { metadata: { annotations: { [beingDeleted]: "yes" } } })
    .catch(unlessGone);
  await client.remove(snapshotContents, name);
}

function unlessGone(error: unknown): void {
  if (toFault(error).code !== "NOT_FOUND") throw error;
}

async function volumeGone(client: KubeClient, claim: string, volume: string | undefined): Promise<void> {
  await waitFor(
    async () => {
      if (await client.find(claims, claim, systemNamespace)) return undefined;
      return volume && (await client.find(volumes, volume)) ? undefined : true;
    },
    { reason: `clone ${claim} and its volume to be removed`, seconds: goneSeconds, everyMs: 400 },
  );
}

/** The snapshot in the application's namespace and what the driver keeps for it, also where its class would retain that. */
export async function removeCut(client: KubeClient, namespace: string, name: string): Promise<void> {
  const snapshot = await boundSnapshot(client, namespace, name);
  const contentName: string | undefined = snapshot?.status?.boundVolumeSnapshotContentName;
  const content = contentName ? await client.find(snapshotContents, contentName) : undefined;
  const ours = content?.spec?.volumeSnapshotRef?.uid === snapshot?.metadata.uid;
  if (content && ours && content.spec.deletionPolicy !== "Delete") {
    await client.patch(snapshotContents, content.metadata.name, undefined, { spec: { deletionPolicy: "Delete" } });
  }
  await client.remove(snapshots, name, namespace);
}

/** One that is removed while the driver is still cutting could leave the driver's snapshot without an owner. */
async function boundSnapshot(client: KubeClient, namespace: string, name: string): Promise<KubeObject | undefined> {
  let last: KubeObject | undefined;
  await waitFor(
    async () => {
      last = await client.find(snapshots, name, namespace);
      return !last || last.metadata.deletionTimestamp || last.status?.boundVolumeSnapshotContentName ? true : undefined;
    },
    { reason: `snapshot ${namespace}/${name} to be cut before it is removed`, seconds: bindSeconds, everyMs: 300 },
  ).catch(() => undefined); // it has no content, and gets none so soon
  return last;
}

/**
 * Everything temporary of a run, wherever it is: for a run that ended in any way, or that begins again after a kill.
 * First what reads (movers), then clones, then the second bindings, then the cuts themselves.
 */
export async function cleanUpRun(client: KubeClient, movers: Movers, run: string): Promise<void> {
  const found = await ofRun(client, run);
  await movers.cleanUp(run);
  const ours = found.filter((snapshot) => snapshot.metadata.namespace === systemNamespace);
  await Promise.all(ours.map((snapshot) => removeClone(client, snapshot.metadata.name)));
  for (const content of await contentsOfRun(client, run)) await removeContent(client, content.metadata.name);
  const cuts = found.filter((snapshot) => snapshot.metadata.namespace !== systemNamespace);
  await Promise.all(cuts.map(({ metadata }) => removeCut(client, metadata.namespace!, metadata.name)));
  await snapshotsGone(client, run);
}

/** Also contents whose VolumeSnapshot was never made, or is gone already. */
function contentsOfRun(client: KubeClient, run: string): Promise<KubeObject[]> {
  return objectsIfServed(client, snapshotContents, { labels: `${runLabel}=${run}` });
}

async function snapshotsGone(client: KubeClient, run: string): Promise<void> {
  const started = Date.now();
  await waitFor(
    async () => {
      const left = await ofRun(client, run);
      if (left.length === 0 && (await contentsOfRun(client, run)).length === 0) return true;
      if (Date.now() - started > remindAfterMs) await Promise.all(left.map((one) => remind(client, one)));
      return undefined;
    },
    { reason: `the snapshots of run ${run} to be removed`, seconds: goneSeconds, everyMs: 400 },
  );
}

/**
 * The driver's sidecar can miss that a snapshot goes which it has only just cut (seen with external-snapshotter 8), and looks
 * again when the content changes, or at its resync after 15 minutes: so it is changed.
 */
async function remind(client: KubeClient, snapshot: KubeObject): Promise<void> {
  const name: string | undefined = snapshot.status?.boundVolumeSnapshotContentName;
  const content = name ? await client.find(snapshotContents, name) : undefined;
  if (!content?.metadata.deletionTimestamp) return;
  const annotations = { [reminder]: new Date().toISOString() };
  await client
    .patch(snapshotContents, content.metadata.name, undefined, { metadata: { annotations } })
    .catch(unlessGone);
}
