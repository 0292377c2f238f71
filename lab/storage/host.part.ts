import { statfs } from "node:fs/promises";
import { labDir } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { mountAt } from "./driver/mounts.ts";
import { type LoopFile, mountLoopFile, removeLoopFile, unmountLoopFile } from "./loop-file.ts";

const gib = 2 ** 30;
const size = 40 * gib; // Sparse: it takes from the disk what is written into it.

/** The filesystem that all volumes of the lab lie in. */
export const pool: LoopFile = { file: labDir("volumes.img"), mountPoint: labDir("volumes") };

/** A btrfs on a loop file: the disk of the lab's CSI drivers. */
export const storageHost: Part = {
  name: "storage-host",
  needs: ["apt"],
  seconds: { cold: 1, warm: 1 },
  up: () => mountLoopFile(pool, size),
  down: () => unmountLoopFile(pool),
  reset: () => removeLoopFile(pool),
  status: async () => {
    if (!(await mountAt(pool.mountPoint))) return "not mounted";
    const { blocks, bavail, bsize } = await statfs(pool.mountPoint);
    const [used, total] = [(blocks - bavail) * bsize, blocks * bsize].map((bytes) => (bytes / gib).toFixed(1));
    return `${used} of ${total} GiB used at ${pool.mountPoint}`;
  },
};
