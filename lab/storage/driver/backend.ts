import { mkdir, rm, stat } from "node:fs/promises";
import { run } from "./run.ts";

/** How a kind of storage makes, copies and limits the folder that holds one volume's data. */
export type Backend = {
  readonly create: (path: string) => Promise<void>;
  /** Removes the folder and what is in it; one that is not there is no error. */
  readonly remove: (path: string) => Promise<void>;
  /** Lets the folder hold at most so many bytes. */
  readonly limit: (path: string, bytes: number) => Promise<void>;
  readonly used: (path: string) => Promise<number>;
  /** Only where the storage has them: instant copies that see every write before them and none after. */
  readonly copies?: {
    readonly snapshot: (source: string, target: string) => Promise<void>;
    readonly clone: (source: string, target: string) => Promise<void>;
    /** Writes out what is still in memory, so that the snapshot after it is short. */
    readonly flush: (path: string) => Promise<void>;
  };
};

/** btrfs: a subvolume per volume, limited by its quota group. */
export const btrfs: Backend = {
  create: async (path) => void (await run("btrfs", "subvolume", "create", path)),
  remove: async (path) => {
    if (await exists(path)) await run("btrfs", "subvolume", "delete", path);
  },
  limit: async (path, bytes) => void (await run("btrfs", "qgroup", "limit", String(bytes), path)),
  used: async (path) => usedInQgroup(await run("btrfs", "qgroup", "show", "-rf", "--raw", path)),
  copies: {
    snapshot: async (source, target) => void (await run("btrfs", "subvolume", "snapshot", "-r", source, target)),
    clone: async (source, target) => void (await run("btrfs", "subvolume", "snapshot", source, target)),
    flush: async (path) => void (await run("sync", "-f", path)),
  },
};

/** Plain folders: nothing limits them and nothing can copy them at a moment in time. */
export const plain: Backend = {
  create: async (path) => void (await mkdir(path)),
  remove: (path) => rm(path, { recursive: true, force: true }),
  limit: async () => {},
  used: async (path) => Number.parseInt(await run("du", "-sx", "--block-size=1", path), 10),
};

/** Reads the referenced bytes out of `btrfs qgroup show -rf --raw`: the second number of the only row. */
export function usedInQgroup(table: string): number {
  const row = table.split("\n").find((line) => /^\d+\/\d+\s/.test(line.trim()));
  return Number(row?.trim().split(/\s+/)[1] ?? 0);
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
