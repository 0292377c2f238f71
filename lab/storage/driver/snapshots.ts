import type { CreateSnapshotRequest, ListSnapshotsRequest, Methods, SnapshotRequest } from "./csi.ts";
import { timestamp } from "./csi.ts";
import { fault, required } from "./fault.ts";
import type { KeyedLock } from "./keyed-lock.ts";
import { idOf, isId } from "./names.ts";
import { pageOf } from "./paging.ts";
import { allSnapshots, findSnapshot, type Pool, type Snapshot } from "./pool.ts";
import { needVolume } from "./volumes.ts";

/** The Controller service's methods about snapshots. */
export const snapshotMethods = (pool: Pool, lock: KeyedLock): Methods => ({
  CreateSnapshot: (request: CreateSnapshotRequest) => {
    const id = idOf(required(request.name, "name"));
    return lock(id, async () => ({ snapshot: snapshotAnswer(await createSnapshot(pool, id, request)) }));
  },
  DeleteSnapshot: ({ snapshotId }: SnapshotRequest) =>
    lock(required(snapshotId, "snapshot_id"), async () => {
      await deleteSnapshot(pool, snapshotId);
      return {};
    }),
  ListSnapshots: async (request: ListSnapshotsRequest) => {
    const { snapshotId, sourceVolumeId } = request;
    const found = snapshotId
      ? [await findSnapshot(pool, snapshotId)].flatMap((one) => one ?? [])
      : await allSnapshots(pool);
    const wanted = found.filter((one) => !sourceVolumeId || one.volumeId === sourceVolumeId);
    const { entries, nextToken } = pageOf(wanted, (one) => one.id, request);
    return { entries: entries.map((one) => ({ snapshot: snapshotAnswer(one) })), nextToken };
  },
});

/** A snapshot in the words of CSI. */
export const snapshotAnswer = (snapshot: Snapshot) => ({
  snapshotId: snapshot.id,
  sourceVolumeId: snapshot.volumeId,
  sizeBytes: snapshot.sizeBytes,
  creationTime: timestamp(snapshot.createdAt),
  readyToUse: true,
  groupSnapshotId: snapshot.groupId ?? "",
});

async function createSnapshot(pool: Pool, id: string, request: CreateSnapshotRequest): Promise<Snapshot> {
  const volumeId = required(request.sourceVolumeId, "source_volume_id");
  const present = await pool.snapshots.get(id);
  if (present?.volumeId === volumeId) return present;
  if (present) throw fault("ALREADY_EXISTS", `snapshot ${request.name} exists, of volume ${present.volumeId}`);

  const { sizeBytes, mode } = await needVolume(pool, volumeId);
  const path = pool.snapshotPath(id);
  await pool.backend.remove(path); // what a killed run may have left; no record names it
  await pool.backend.copies?.snapshot(pool.volumePath(volumeId), path);
  const snapshot: Snapshot = { id, name: request.name, volumeId, sizeBytes, mode, createdAt: new Date().toISOString() };
  await pool.snapshots.put(snapshot);
  return snapshot;
}

async function deleteSnapshot(pool: Pool, id: string): Promise<void> {
  const snapshot = await findSnapshot(pool, id);
  if (snapshot?.groupId) {
    throw fault("INVALID_ARGUMENT", `snapshot ${id} goes with its group ${snapshot.groupId}; delete that`);
  }
  if (!isId(id)) return;
  await pool.snapshots.remove(id);
  await pool.backend.remove(pool.snapshotPath(id));
}
