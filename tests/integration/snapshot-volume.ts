/** A file system whose directories can be cut in one moment: btrfs on a loop device. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const canCutVolumes = process.getuid?.() === 0 && ["/usr/bin/btrfs", "/usr/sbin/mkfs.btrfs"].every(existsSync);

export interface Volumes {
  /** An empty volume. */
  make(name: string): string;
  /** A writable copy of `name` as it is in this moment. */
  cut(name: string, as: string): string;
  unmount(): Promise<void>;
}

const size = 3 * 1024 ** 3; // sparse

export async function mountVolumes(): Promise<Volumes> {
  const home = await mkdtemp(join(tmpdir(), "holdfast-volumes-"));
  const file = join(home, "disk");
  const at = join(home, "mnt");
  const run = (program: string, ...words: string[]) => execFileSync(program, words, { stdio: "pipe" });
  await chmod(home, 0o755); // PostgreSQL runs as another user
  await writeFile(file, "");
  await truncate(file, size);
  await mkdir(at);
  run("/usr/sbin/mkfs.btrfs", "-q", file);
  run("mount", "-o", "loop", file, at);
  return {
    make(name) {
      run("/usr/bin/btrfs", "-q", "subvolume", "create", join(at, name));
      return join(at, name);
    },
    cut(name, as) {
      run("/usr/bin/btrfs", "-q", "subvolume", "snapshot", join(at, name), join(at, as));
      return join(at, as);
    },
    async unmount() {
      run("umount", "--lazy", at); // a server that did not start in time may still be in it
      await rm(home, { recursive: true, force: true });
    },
  };
}
