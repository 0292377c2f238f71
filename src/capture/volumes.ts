/** From a cut (or a live mount) to a record: what movers bring into the repository of the volume's namespace. */
import { Fault } from "../base/fault.ts";
import { dnsLabel } from "../base/ids.ts";
import type { Volume } from "../flow/inventory.ts";
import type { VolumeRecord } from "../flow/recovery-point.ts";
import type { MoverTask, MoverVolume, MoverWork } from "../movers/contract.ts";
import { type Capture, repositoryOf, tagsOf } from "./context.ts";
import { whereEmptyDir, whereMounted } from "./live.ts";
import { removeClone, removeCut } from "./remove.ts";
import { cloneOf, type Cut } from "./snapshots.ts";

export async function captureCut(capture: Capture, cut: Cut, parent: string | undefined): Promise<VolumeRecord> {
  const { client, run, signal } = capture;
  const { volume } = cut;
  try {
    const claim = await cloneOf(client, run, cut, signal);
    const block = volume.mode === "Block";
    const work: MoverWork = block
      ? { kind: "save-block", host: volume.id, tags: tagsOf(capture) }
      : treeWork(capture, volume, parent, false);
    const saved = await move(capture, volume, work, { kind: "claim", claim, readOnly: true, block });
    return { ...saved, method: "snapshot", cutAt: cut.at };
  } finally {
    // What cannot be removed now carries the run's label: the clean-up at the end of the run says so if it stays.
    await removeClone(client, cut.name)
      .then(() => removeCut(client, volume.namespace, cut.name))
      .catch((error: unknown) => capture.progress.note(`volume ${volume.id}: ${(error as Error).message}`));
  }
}

export async function captureLive(capture: Capture, volume: Volume, parent: string | undefined): Promise<VolumeRecord> {
  const cutAt = new Date().toISOString();
  const mount = await whereMounted(capture.client, volume);
  const saved = await move(capture, volume, treeWork(capture, volume, parent, true), mount);
  if (!saved.treeSha256) {
    capture.progress.finding({
      code: "LIVE_VOLUME_CHANGED",
      severity: "warning",
      subject: `${volume.namespace} PersistentVolumeClaim/${volume.claim}`,
      message:
        "files were written while the volume was read: it is not of one moment, and a restore cannot be compared with it",
      advice: "use a storage class whose driver has snapshots, or stop the workload for the time of the backup",
    });
  }
  return { ...saved, method: "live", cutAt };
}

/** Undefined where its pod ended meanwhile, and its files with it: that ends no backup. */
export async function captureEmptyDir(
  capture: Capture,
  volume: Volume,
  parent: string | undefined,
): Promise<VolumeRecord | undefined> {
  const cutAt = new Date().toISOString();
  const mount = await whereEmptyDir(capture.client, volume);
  try {
    if (mount) {
      const saved = await move(capture, volume, treeWork(capture, volume, parent, true), mount);
      return { ...saved, method: "live", cutAt };
    }
  } catch (error) {
    capture.signal.throwIfAborted();
    if (await whereEmptyDir(capture.client, volume)) throw error;
  }
  const { name, owner } = volume.emptyDir ?? {};
  capture.progress.finding({
    code: "EMPTYDIR_GONE",
    severity: "warning",
    subject: `${volume.namespace} ${owner}`,
    message: `pod ${volume.usedBy?.pod} ended before emptyDir ${name} was read: its files are not in the point`,
    advice: "back up again while the pod runs, or mount a PersistentVolumeClaim there",
  });
  return undefined;
}

function treeWork(capture: Capture, volume: Volume, parent: string | undefined, live: boolean): MoverWork {
  const reread = capture.context.type === "Full";
  return {
    kind: "save-tree",
    host: volume.id,
    tags: tagsOf(capture),
    reread,
    ...(parent ? { parent } : {}),
    ...(live ? { live } : {}),
  };
}

async function move(
  capture: Capture,
  volume: Volume,
  work: MoverWork,
  place: MoverVolume,
): Promise<Omit<VolumeRecord, "method" | "cutAt">> {
  const id = `volume:${volume.id}`;
  const name = repositoryOf(capture.clusterUid, volume.namespace);
  const result = await capture.movers.run(await taskOf(capture, id, name, work), place, {
    onBytes: (done, total) => capture.progress.item(id, done, total || volume.capacity),
    signal: capture.signal,
  });
  if (result.kind !== "saved") throw new Fault("INTERNAL", `the mover of volume ${volume.id} gave "${result.kind}"`);
  capture.progress.item(id, result.bytes, result.bytes);
  const { kind: _, ...saved } = result;
  return { volume, repository: name, ...saved };
}

/** Hashed where characters had to change: "a-b/c" and "a/b-c" are two volumes, and must not share a mover. */
export function taskId(id: string): string {
  return dnsLabel(id, 40);
}

/** A task with the keys of one repository. Makes the repository where it is not there yet. */
export async function taskOf(capture: Capture, id: string, repository: string, work: MoverWork): Promise<MoverTask> {
  await capture.target.repository(repository);
  const password = await capture.target.repositoryPassword(repository);
  return {
    id: taskId(id),
    run: capture.run,
    target: capture.access,
    repository: { name: repository, password },
    work,
  };
}
