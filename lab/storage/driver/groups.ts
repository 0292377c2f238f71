import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Backend } from "./backend.ts";
import { type CreateGroupRequest, type GroupRequest, type Methods, timestamp } from "./csi.ts";
import { fault, required } from "./fault.ts";
import type { KeyedLock } from "./keyed-lock.ts";
import { idOf, isId, memberId } from "./names.ts";
import type { Group, Pool, Snapshot } from "./pool.ts";
import { snapshotAnswer } from "./snapshots.ts";
import { needVolume } from "./volumes.ts";

type Copies = NonNullable<Backend["copies"]>;

/** The GroupController service: snapshots of several volumes, cut together. */
export const groupMethods = (pool: Pool, copies: Copies, lock: KeyedLock): Methods => ({
  GroupControllerGetCapabilities: async () => ({
    capabilities: [{ rpc: { type: "CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT" } }],
  }),
  CreateVolumeGroupSnapshot: (request: CreateGroupRequest) => {
    const id = idOf(required(request.name, "name"));
    return lock(id, async () => ({ groupSnapshot: answer(await createGroup(pool, copies, id, request)) }));
  },
  DeleteVolumeGroupSnapshot: (request: GroupRequest) =>
    lock(required(request.groupSnapshotId, "group_snapshot_id"), async () => {
      await deleteGroup(pool, request);
      return {};
    }),
  GetVolumeGroupSnapshot: async (request: GroupRequest) => {
    const id = required(request.groupSnapshotId, "group_snapshot_id");
    const group = isId(id) ? await pool.groups.get(id) : undefined;
    if (!group) throw fault("NOT_FOUND", `group snapshot ${id} does not exist`);
    refuseMismatch(group, request.snapshotIds);
    return { groupSnapshot: answer(group) };
  },
});

async function createGroup(pool: Pool, copies: Copies, id: string, request: CreateGroupRequest): Promise<Group> {
  const volumeIds = [...new Set(request.sourceVolumeIds)].sort();
  if (volumeIds.length === 0) throw fault("INVALID_ARGUMENT", "source_volume_ids is required");
  const present = await pool.groups.get(id);
  if (present) return sameGroup(present, volumeIds);

  const volumes = await Promise.all(volumeIds.map((volumeId) => needVolume(pool, volumeId)));
  await removeMembers(pool, id); // a killed run's members are of another moment
  try {
    await cutTogether(pool, copies, id, volumeIds);
  } catch (error) {
    await removeMembers(pool, id);
    throw error;
  }
  const createdAt = new Date().toISOString();
  const snapshots = volumes.map((volume): Snapshot => {
    const member = memberId(id, volume.id);
    const { sizeBytes, mode } = volume;
    return { id: member, name: member, volumeId: volume.id, sizeBytes, mode, createdAt, groupId: id };
  });
  const group: Group = { id, name: request.name, createdAt, snapshots };
  await pool.groups.put(group);
  return group;
}

/**
 * btrfs has no call that cuts several subvolumes at one moment. Asked for together, after a flush that leaves them little
 * to write, they are cut within milliseconds; a write in between may be in one and not in another.
 */
async function cutTogether(pool: Pool, copies: Copies, id: string, volumeIds: readonly string[]): Promise<void> {
  await copies.flush(pool.root);
  const cuts = volumeIds.map((volumeId) =>
    copies.snapshot(pool.volumePath(volumeId), pool.snapshotPath(memberId(id, volumeId))),
  );
  const failed = (await Promise.allSettled(cuts)).find((cut) => cut.status === "rejected");
  if (failed) throw failed.reason;
}

async function deleteGroup(pool: Pool, { groupSnapshotId: id, snapshotIds }: GroupRequest): Promise<void> {
  if (!isId(id)) return;
  const group = await pool.groups.get(id);
  if (group) refuseMismatch(group, snapshotIds);
  await pool.groups.remove(id);
  await removeMembers(pool, id);
}

/** Removes every data folder of a group by its name, whether a record still tells of it or not. */
async function removeMembers(pool: Pool, id: string): Promise<void> {
  const names = await readdir(dirname(pool.snapshotPath(id)));
  const members = names.filter((name) => name.startsWith(`${id}.`));
  for (const member of members) await pool.backend.remove(pool.snapshotPath(member));
}

function sameGroup(group: Group, volumeIds: readonly string[]): Group {
  const has = group.snapshots.map((snapshot) => snapshot.volumeId).sort();
  if (has.join() === volumeIds.join()) return group;
  throw fault("ALREADY_EXISTS", `group snapshot ${group.name} exists, of the volumes ${has.join(", ")}`);
}

function refuseMismatch(group: Group, snapshotIds: readonly string[]): void {
  const has = new Set(group.snapshots.map((snapshot) => snapshot.id));
  const strange = snapshotIds.find((id) => !has.has(id));
  if (strange) throw fault("INVALID_ARGUMENT", `snapshot ${strange} is not in group ${group.id}`);
}

const answer = (group: Group) => ({
  groupSnapshotId: group.id,
  snapshots: group.snapshots.map(snapshotAnswer),
  creationTime: timestamp(group.createdAt),
  readyToUse: true,
});
