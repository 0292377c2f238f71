import { chmod, open } from "node:fs/promises";
import { fits, modeOf, sizeOf } from "./capabilities.ts";
import type { ContentSource, CreateVolumeRequest, ExpandRequest, Methods, PageRequest } from "./csi.ts";
import type { ValidateRequest, VolumeRequest } from "./csi.ts";
import { fault, required } from "./fault.ts";
import type { KeyedLock } from "./keyed-lock.ts";
import { detachUnused } from "./loops.ts";
import { mountsOf } from "./mounts.ts";
import { idOf, isId } from "./names.ts";
import { pageOf } from "./paging.ts";
import { diskFile, findSnapshot, findVolume, freeBytes, type Mode, type Pool, resize } from "./pool.ts";
import type { Source, Volume } from "./pool.ts";

/** The Controller service's methods about volumes. */
export const volumeMethods = (pool: Pool, lock: KeyedLock): Methods => ({
  CreateVolume: (request: CreateVolumeRequest) => {
    const id = idOf(required(request.name, "name"));
    return lock(id, async () => ({ volume: answer(await createVolume(pool, id, request)) }));
  },
  DeleteVolume: ({ volumeId }: VolumeRequest) =>
    lock(required(volumeId, "volume_id"), async () => {
      await deleteVolume(pool, volumeId);
      return {};
    }),
  ControllerExpandVolume: (request: ExpandRequest) =>
    lock(required(request.volumeId, "volume_id"), () => expandVolume(pool, request)),
  ValidateVolumeCapabilities: (request: ValidateRequest) => validate(pool, request),
  ListVolumes: async (request: PageRequest) => {
    const { entries, nextToken } = pageOf(await pool.volumes.list(), (volume) => volume.id, request);
    return { entries: entries.map((volume) => ({ volume: answer(volume) })), nextToken };
  },
  GetCapacity: async () => ({ availableCapacity: (await freeBytes(pool)).free }),
});

/** The volume with this id, or a NOT_FOUND. */
export async function needVolume(pool: Pool, id: string): Promise<Volume> {
  const volume = await findVolume(pool, required(id, "volume_id"));
  if (!volume) throw fault("NOT_FOUND", `volume ${id} does not exist`);
  return volume;
}

async function createVolume(pool: Pool, id: string, request: CreateVolumeRequest): Promise<Volume> {
  const mode = modeOf(request.volumeCapabilities);
  refuseUnknown(request);
  const source = sourceOf(request.volumeContentSource);
  const present = await pool.volumes.get(id);
  if (present) return same(present, request, mode, source);

  const from = source && (await resolve(pool, source, mode));
  const sizeBytes = sizeOf(request.capacityRange, from?.sizeBytes);
  const { total } = await freeBytes(pool);
  if (sizeBytes > total) throw fault("OUT_OF_RANGE", `${sizeBytes} bytes were asked for, the whole pool has ${total}`);

  const folder = pool.volumePath(id);
  await pool.backend.remove(folder); // what a killed run may have left; no record names it
  if (from) await from.clone(folder);
  else await makeEmpty(pool, folder, mode);
  await resize(pool, id, mode, sizeBytes);
  const volume: Volume = { id, name: request.name, sizeBytes, mode, source };
  await pool.volumes.put(volume);
  return volume;
}

async function makeEmpty(pool: Pool, folder: string, mode: Mode): Promise<void> {
  await pool.backend.create(folder);
  if (mode === "block") return (await open(diskFile(folder), "w")).close();
  await chmod(folder, 0o777); // as most storage without an owner does: pods of any user may write
}

/** The record first: then a volume is gone at once, and what is left of its data is rubbish that any retry removes. */
async function deleteVolume(pool: Pool, id: string): Promise<void> {
  if (!isId(id)) return;
  const folder = pool.volumePath(id);
  const user = (await mountsOf(folder))[0]?.mountPoint ?? (await detachUnused(diskFile(folder)))[0];
  if (user) throw fault("FAILED_PRECONDITION", `volume ${id} is in use at ${user}`);
  await pool.volumes.remove(id);
  await pool.backend.remove(folder);
}

async function expandVolume(pool: Pool, { volumeId, capacityRange }: ExpandRequest) {
  if (!capacityRange) throw fault("INVALID_ARGUMENT", "capacity_range is required");
  const volume = await needVolume(pool, volumeId);
  const sizeBytes = Math.max(volume.sizeBytes, sizeOf(capacityRange));
  if (!fits(sizeBytes, capacityRange)) {
    throw fault("OUT_OF_RANGE", `volume ${volumeId} has ${volume.sizeBytes} bytes already, over limit_bytes`);
  }
  await resize(pool, volumeId, volume.mode, sizeBytes);
  if (sizeBytes > volume.sizeBytes) await pool.volumes.put({ ...volume, sizeBytes });
  return { capacityBytes: sizeBytes, nodeExpansionRequired: volume.mode === "block" };
}

async function validate(pool: Pool, { volumeId, volumeCapabilities }: ValidateRequest) {
  const volume = await needVolume(pool, volumeId);
  const mode = modeOf(volumeCapabilities);
  if (mode === volume.mode) return { confirmed: { volumeCapabilities } };
  return { message: `volume ${volumeId} is a ${volume.mode} volume, not ${mode}` };
}

function same(volume: Volume, request: CreateVolumeRequest, mode: Mode, source: Source | undefined): Volume {
  const differs =
    (volume.mode !== mode && `mode ${volume.mode}`) ||
    (JSON.stringify(volume.source) !== JSON.stringify(source) && "another source") ||
    (!fits(volume.sizeBytes, request.capacityRange) && `${volume.sizeBytes} bytes`);
  if (differs) throw fault("ALREADY_EXISTS", `volume ${request.name} exists with ${differs}`);
  return volume;
}

function sourceOf(source: ContentSource): Source | undefined {
  if (source?.snapshot) return { snapshot: source.snapshot.snapshotId };
  if (source?.volume) return { volume: source.volume.volumeId };
  return undefined;
}

async function resolve(pool: Pool, source: Source, mode: Mode) {
  const { copies } = pool.backend;
  if (!copies) throw fault("INVALID_ARGUMENT", "this driver cannot copy: it has neither snapshots nor clones");
  const isSnapshot = "snapshot" in source;
  const id = isSnapshot ? source.snapshot : source.volume;
  const found = isSnapshot ? await findSnapshot(pool, id) : await findVolume(pool, id);
  if (!found) throw fault("NOT_FOUND", `the source ${isSnapshot ? "snapshot" : "volume"} ${id} does not exist`);
  if (found.mode !== mode) throw fault("INVALID_ARGUMENT", `the source ${id} is ${found.mode}, not ${mode}`);
  const path = isSnapshot ? pool.snapshotPath(id) : pool.volumePath(id);
  return { sizeBytes: found.sizeBytes, clone: (target: string) => copies.clone(path, target) };
}

function refuseUnknown({ parameters, mutableParameters }: CreateVolumeRequest): void {
  const unknown = Object.keys({ ...parameters, ...mutableParameters }).find(
    (key) => !key.startsWith("csi.storage.k8s.io/"),
  );
  if (unknown) throw fault("INVALID_ARGUMENT", `parameter ${unknown} is not known; this driver takes none`);
}

const answer = ({ id, sizeBytes, source }: Volume) => ({
  volumeId: id,
  capacityBytes: sizeBytes,
  contentSource:
    source &&
    ("snapshot" in source ? { snapshot: { snapshotId: source.snapshot } } : { volume: { volumeId: source.volume } }),
});
