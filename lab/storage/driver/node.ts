import { modeOf, readsOnly } from "./capabilities.ts";
import type { ExpandRequest, Methods, PublishRequest, StageRequest, StatsRequest, VolumeRequest } from "./csi.ts";
import { fault, required } from "./fault.ts";
import type { KeyedLock } from "./keyed-lock.ts";
import { attach, detachUnused, refresh } from "./loops.ts";
import { bind, mountAt, mountsOf, unmount, unmountAndRemove } from "./mounts.ts";
import { isId } from "./names.ts";
import { diskFile, type Pool, type Volume } from "./pool.ts";
import { needVolume } from "./volumes.ts";

const capabilities = ["STAGE_UNSTAGE_VOLUME", "GET_VOLUME_STATS", "EXPAND_VOLUME", "SINGLE_NODE_MULTI_WRITER"];

/**
 * The Node service. A filesystem volume is bound to its staging path and from there to each pod; a block volume is
 * attached as a loop device when the first pod takes it and detached after the last.
 */
export const nodeMethods = (pool: Pool, nodeId: string, lock: KeyedLock): Methods => {
  const held =
    <R extends VolumeRequest>(work: (request: R) => Promise<object>) =>
    (request: R) =>
      lock(required(request.volumeId, "volume_id"), () => work(request));
  return {
    NodeGetInfo: async () => ({ nodeId }),
    NodeGetCapabilities: async () => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) }),
    NodeStageVolume: held((request: StageRequest) => stage(pool, request)),
    NodeUnstageVolume: held(async (request: StageRequest) => {
      await unmount(required(request.stagingTargetPath, "staging_target_path"));
      return {};
    }),
    NodePublishVolume: held((request: PublishRequest) => publish(pool, request)),
    NodeUnpublishVolume: held((request: PublishRequest) => unpublish(pool, request)),
    NodeExpandVolume: held((request: ExpandRequest) => expand(pool, request)),
    NodeGetVolumeStats: held((request: StatsRequest) => stats(pool, request)),
  };
};

async function stage(pool: Pool, request: StageRequest): Promise<object> {
  const target = required(request.stagingTargetPath, "staging_target_path");
  const volume = await needFor(pool, request);
  if (volume.mode === "filesystem") await bind(pool.volumePath(volume.id), target, "folder", []);
  return {};
}

async function publish(pool: Pool, request: PublishRequest): Promise<object> {
  const target = required(request.targetPath, "target_path");
  const staging = required(request.stagingTargetPath, "staging_target_path");
  const volume = await needFor(pool, request);
  const capability = request.volumeCapability;
  const readonly = request.readonly || (capability !== null && readsOnly(capability));
  await refuseSecondWriter(pool, request, volume, target, staging);

  if (volume.mode === "block") {
    await bind(await attach(diskFile(pool.volumePath(volume.id)), readonly), target, "file", []);
    return {};
  }
  if (!(await mountAt(staging))) throw fault("FAILED_PRECONDITION", `volume ${volume.id} is not staged at ${staging}`);
  const flags = capability?.mount?.mountFlags ?? [];
  await bind(staging, target, "folder", [...flags, ...(readonly ? ["ro"] : [])]);
  return {};
}

async function unpublish(pool: Pool, { volumeId, targetPath }: PublishRequest): Promise<object> {
  await unmountAndRemove(required(targetPath, "target_path"));
  if (isId(volumeId)) await detachUnused(diskFile(pool.volumePath(volumeId)));
  return {};
}

async function expand(pool: Pool, { volumeId, volumePath }: ExpandRequest): Promise<object> {
  const path = required(volumePath, "volume_path");
  const volume = await needVolume(pool, volumeId);
  await needMount(volume, path);
  if (volume.mode === "block") await refresh(diskFile(pool.volumePath(volumeId)));
  return { capacityBytes: volume.sizeBytes };
}

async function stats(pool: Pool, { volumeId, volumePath }: StatsRequest): Promise<object> {
  const path = required(volumePath, "volume_path");
  const volume = await needVolume(pool, volumeId);
  await needMount(volume, path);
  const total = volume.sizeBytes;
  if (volume.mode === "block") return { usage: [{ unit: "BYTES", total }] };
  const used = await pool.backend.used(pool.volumePath(volumeId));
  return { usage: [{ unit: "BYTES", total, used, available: Math.max(0, total - used) }] };
}

async function needFor(pool: Pool, { volumeId, volumeCapability }: StageRequest): Promise<Volume> {
  if (!volumeCapability) throw fault("INVALID_ARGUMENT", "volume_capability is required");
  const mode = modeOf([volumeCapability]);
  const volume = await needVolume(pool, volumeId);
  if (volume.mode !== mode) throw fault("INVALID_ARGUMENT", `volume ${volumeId} is ${volume.mode}, not ${mode}`);
  return volume;
}

async function needMount(volume: Volume, path: string): Promise<void> {
  if (!(await mountAt(path))) throw fault("NOT_FOUND", `volume ${volume.id} is not at ${path}`);
}

/** ReadWriteOncePod: one pod at a time. */
async function refuseSecondWriter(
  pool: Pool,
  request: PublishRequest,
  volume: Volume,
  target: string,
  staging: string,
) {
  if (request.volumeCapability?.accessMode?.mode !== "SINGLE_NODE_SINGLE_WRITER") return;
  const other = (await mountsOf(pool.volumePath(volume.id))).find(
    ({ mountPoint }) => mountPoint !== target && mountPoint !== staging,
  );
  if (other)
    throw fault("FAILED_PRECONDITION", `volume ${volume.id} is for one pod only and is at ${other.mountPoint}`);
}
