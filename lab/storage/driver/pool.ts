import { mkdir, open, readdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Backend } from "./backend.ts";
import { isId } from "./names.ts";
import { openRecords, type Records } from "./records.ts";

export type Mode = "filesystem" | "block";
export type Source = { readonly snapshot: string } | { readonly volume: string };

export type Volume = {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly mode: Mode;
  readonly source?: Source;
};

export type Snapshot = {
  readonly id: string;
  readonly name: string;
  readonly volumeId: string;
  readonly sizeBytes: number;
  readonly mode: Mode;
  /** ISO time just after the cut. */
  readonly createdAt: string;
  readonly groupId?: string;
};

/** The members live in the group's own record: a group is there whole or not at all. */
export type Group = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly snapshots: readonly Snapshot[];
};

/** The disk layout of one driver. The records are the truth; a data folder that no record names is rubbish. */
export type Pool = {
  readonly root: string;
  readonly backend: Backend;
  readonly volumes: Records<Volume>;
  readonly snapshots: Records<Snapshot>;
  readonly groups: Records<Group>;
  readonly volumePath: (id: string) => string;
  readonly snapshotPath: (id: string) => string;
};

/** The file that stands for the disk of a raw block volume, within the volume's folder. */
export const diskFile = (folder: string): string => join(folder, "disk.img");

/** Opens the pool at `root`, making its folders where they are missing. */
export async function openPool(root: string, backend: Backend): Promise<Pool> {
  const at = (folder: string) => join(root, folder);
  await Promise.all(["volumes", "snapshots"].map((folder) => mkdir(at(folder), { recursive: true })));
  return {
    root,
    backend,
    volumes: await openRecords<Volume>(at("records/volumes")),
    snapshots: await openRecords<Snapshot>(at("records/snapshots")),
    groups: await openRecords<Group>(at("records/groups")),
    volumePath: (id) => join(root, "volumes", id),
    snapshotPath: (id) => join(root, "snapshots", id),
  };
}

/** Every snapshot, alone or in a group, in the order of their ids. */
export async function allSnapshots(pool: Pool): Promise<Snapshot[]> {
  const [alone, groups] = await Promise.all([pool.snapshots.list(), pool.groups.list()]);
  return [...alone, ...groups.flatMap((group) => group.snapshots)].sort((a, b) => (a.id < b.id ? -1 : 1));
}

export async function findSnapshot(pool: Pool, id: string): Promise<Snapshot | undefined> {
  if (!isId(id)) return undefined;
  return (await pool.snapshots.get(id)) ?? (await allSnapshots(pool)).find((snapshot) => snapshot.id === id);
}

export const findVolume = async (pool: Pool, id: string): Promise<Volume | undefined> =>
  isId(id) ? pool.volumes.get(id) : undefined;

/** Removes what a killed run left half made or half removed; returns the folders it removed. */
export async function sweep(pool: Pool): Promise<string[]> {
  const known = new Set([
    ...(await pool.volumes.list()).map((volume) => pool.volumePath(volume.id)),
    ...(await allSnapshots(pool)).map((snapshot) => pool.snapshotPath(snapshot.id)),
  ]);
  const folders = await Promise.all(
    ["volumes", "snapshots"].map(async (kind) => {
      const folder = join(pool.root, kind);
      return (await readdir(folder)).map((name) => join(folder, name));
    }),
  );
  const rubbish = folders.flat().filter((folder) => !known.has(folder));
  for (const folder of rubbish) await pool.backend.remove(folder);
  return rubbish;
}

/** Gives a volume's folder its size: the quota, and for a block volume the length of its disk file. */
export async function resize(pool: Pool, id: string, mode: Mode, bytes: number): Promise<void> {
  const folder = pool.volumePath(id);
  if (mode === "filesystem") return pool.backend.limit(folder, bytes);
  // No quota here: the disk's length is its limit, and a copy-on-write rewrite of a full one needs room beside it.
  const disk = await open(diskFile(folder), "a");
  try {
    const { size } = await disk.stat();
    if (size < bytes) await disk.truncate(bytes);
  } finally {
    await disk.close();
  }
}

export async function freeBytes(pool: Pool): Promise<{ free: number; total: number }> {
  const { bavail, blocks, bsize } = await statfs(pool.root);
  return { free: bavail * bsize, total: blocks * bsize };
}
