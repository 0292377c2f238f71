/** Volumes cut at one moment, and a clone of each cut where movers can read it. */
import { Fault, toFault } from "../base/fault.ts";
import { parseQuantity } from "../base/sizes.ts";
import { waitFor } from "../base/wait.ts";
import type { Volume } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { objectsIfServed } from "../kube/objects.ts";
import { claims, snapshotContents, snapshots } from "../kube/well-known.ts";
import { runLabel, systemNamespace } from "../movers/contract.ts";
import { boundAgain, cloneClaim, cutSnapshot } from "./snapshot-objects.ts";

export interface Cut {
  readonly volume: Volume;
  /** Of the VolumeSnapshot in the application's namespace. */
  readonly name: string;
  readonly at: string;
}

/** What a snapshot controller says at first may be gone at its next try. */
const errorPatienceMs = 8000;

/**
 * Cuts all volumes in parallel. A snapshot is cut when its creationTime is set; that its content can be read comes later.
 * The caller ends it by `signal`; what was made carries the run's label.
 */
export async function cutSnapshots(
  client: KubeClient,
  run: string,
  volumes: readonly Volume[],
  options: { attempt: number; signal: AbortSignal },
): Promise<readonly Cut[]> {
  const wanted = new Map<string, { volume: Volume; object: KubeObject }>(
    volumes.map((volume) => {
      const object = cutSnapshot(run, volume, options.attempt);
      return [`${volume.namespace}/${object.metadata.name}`, { volume, object }];
    }),
  );
  await Promise.all([...wanted.values()].map(({ object }) => client.create(snapshots, object).catch(unlessThere)));
  const namespaces = [...new Set(volumes.map((volume) => volume.namespace))];
  const troubleSince = new Map<string, number>();
  return waitFor(
    async () => {
      options.signal.throwIfAborted();
      const found = (await Promise.all(namespaces.map((namespace) => ofRun(client, run, namespace)))).flat();
      const cuts: Cut[] = [];
      for (const snapshot of found) {
        const key = `${snapshot.metadata.namespace}/${snapshot.metadata.name}`;
        const volume = wanted.get(key)?.volume;
        if (!volume) continue;
        const at: string | undefined = snapshot.status?.creationTime;
        if (at) cuts.push({ volume, name: snapshot.metadata.name, at });
        else checkTrouble(snapshot, volume, troubleSince);
      }
      return cuts.length === wanted.size ? cuts : undefined;
    },
    { reason: `${volumes.length} volumes to be cut`, seconds: 600, everyMs: 150, signal: options.signal },
  );
}

function unlessThere(error: unknown): void {
  if (toFault(error).code !== "CONFLICT") throw error;
}

function checkTrouble(snapshot: KubeObject, volume: Volume, since: Map<string, number>): void {
  const message: string | undefined = snapshot.status?.error?.message;
  if (!message) return;
  const first = since.get(volume.id) ?? Date.now();
  since.set(volume.id, first);
  if (Date.now() - first < errorPatienceMs) return;
  throw new Fault("VOLUME", `volume ${volume.id} cannot be cut: ${message}`, {
    subject: volume.id,
    hint: `look at VolumeSnapshotClass ${volume.snapshotClass} and the log of driver ${volume.driver}`,
  });
}

/** The claim of a clone in Holdfast's namespace. */
export async function cloneOf(client: KubeClient, run: string, cut: Cut, signal: AbortSignal): Promise<string> {
  const { volume, name } = cut;
  if (!volume.storageClass) {
    throw new Fault("VOLUME", `volume ${volume.id} has no storage class: there is nothing to make its clone with`, {
      subject: volume.id,
    });
  }
  const source = await contentOf(client, cut, signal);
  const again = boundAgain(run, name, systemNamespace, source);
  await client.create(snapshotContents, again.content).catch(unlessThere);
  await client.create(snapshots, again.snapshot).catch(unlessThere);
  const ready = await readySnapshot(client, systemNamespace, name, volume, signal);
  const restoreSize = parseQuantity(String(ready.status?.restoreSize ?? "")) ?? Number(source.status?.restoreSize ?? 0);
  await client.create(claims, cloneClaim(run, name, systemNamespace, volume, restoreSize)).catch(unlessThere);
  return name;
}

/** The content that the driver made, once it can be read from. */
async function contentOf(client: KubeClient, cut: Cut, signal: AbortSignal): Promise<KubeObject> {
  const snapshot = await readySnapshot(client, cut.volume.namespace, cut.name, cut.volume, signal);
  const content = await client.get(snapshotContents, snapshot.status?.boundVolumeSnapshotContentName);
  if (content.status?.snapshotHandle) return content;
  throw new Fault("VOLUME", `the snapshot of volume ${cut.volume.id} has no handle`, { subject: cut.volume.id });
}

async function readySnapshot(
  client: KubeClient,
  namespace: string,
  name: string,
  volume: Volume,
  signal: AbortSignal,
): Promise<KubeObject> {
  let trouble = "";
  try {
    return await waitFor(
      async () => {
        const snapshot = await client.get(snapshots, name, namespace);
        trouble = snapshot.status?.error?.message ?? "";
        return snapshot.status?.readyToUse === true ? snapshot : undefined;
      },
      { reason: `the snapshot of volume ${volume.id} to be readable`, seconds: 1800, everyMs: 400, signal },
    );
  } catch (error) {
    const fault = toFault(error);
    if (fault.code !== "TIMEOUT" || !trouble) throw fault;
    throw new Fault("VOLUME", `${fault.message}: ${trouble}`, {
      subject: volume.id,
      hint: `look at the log of driver ${volume.driver}`,
      cause: error,
    });
  }
}

/** VolumeSnapshots of a run, in one namespace or all. None where the API is not served. */
export function ofRun(client: KubeClient, run: string, namespace?: string): Promise<KubeObject[]> {
  const where = namespace === undefined ? {} : { namespace };
  return objectsIfServed(client, snapshots, { ...where, labels: `${runLabel}=${run}` });
}
