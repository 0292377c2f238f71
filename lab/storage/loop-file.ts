import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { loopsOf } from "./driver/loops.ts";
import { allMounts, mountAt, mountsShowing, unmount } from "./driver/mounts.ts";
import { run } from "./driver/run.ts";

/** A btrfs filesystem in a sparse file, and where it is mounted. */
export type LoopFile = { readonly file: string; readonly mountPoint: string };

/** Makes the file, the filesystem and the mount, as far as they are missing. */
export async function mountLoopFile({ file, mountPoint }: LoopFile, bytes: number): Promise<void> {
  if (await mountAt(mountPoint)) return;
  await mkdir(mountPoint, { recursive: true });
  await mkdir(dirname(file), { recursive: true });
  if ((await readdir(mountPoint)).length > 0) {
    throw new Error(`${mountPoint} has files in it but nothing is mounted there; move them away and try again`);
  }
  if (!(await isFormatted(file))) await format(file, bytes);
  // discard: space of deleted volumes goes back to the machine's disk.
  await run("mount", "-o", "loop,noatime,discard=async", file, mountPoint);
  await run("btrfs", "quota", "enable", mountPoint);
}

/** Unmounts the filesystem from everywhere it or a part of it is mounted, and detaches every loop device of it. */
export async function unmountLoopFile({ file, mountPoint }: LoopFile): Promise<void> {
  if (!(await mountAt(mountPoint))) return;
  for (const disk of await disksUnder(mountPoint)) await releaseDisk(disk);
  const shown = mountsShowing(mountPoint, await allMounts()).map((mount) => mount.mountPoint);
  for (const target of shown.filter((one) => one !== mountPoint)) await letGo(target);
  await letGo(mountPoint);
  for (const { name } of await loopsOf(file)) await run("losetup", "--detach", name);
}

/** As unmountLoopFile, and the file goes too, with everything in it. */
export async function removeLoopFile(pool: LoopFile): Promise<void> {
  await unmountLoopFile(pool);
  await rm(pool.file, { force: true });
}

/** What a process still uses goes away with that process. */
const letGo = (target: string) => unmount(target).catch(() => run("umount", "--lazy", target));

async function format(file: string, bytes: number): Promise<void> {
  const draft = `${file}.new`;
  await rm(draft, { force: true });
  const handle = await open(draft, "w");
  await handle.truncate(bytes);
  await handle.close();
  await run("mkfs.btrfs", "--quiet", "--metadata", "single", draft);
  await run("mv", draft, file);
}

const isFormatted = (file: string) =>
  stat(file).then(
    (found) => found.size > 0,
    () => false,
  );

/** Files below the mount that are attached as loop devices themselves: the disks of raw block volumes. */
async function disksUnder(mountPoint: string): Promise<string[]> {
  const text = await run("losetup", "--list", "--noheadings", "--output", "BACK-FILE");
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((file) => file.startsWith(`${mountPoint}/`));
}

async function releaseDisk(file: string): Promise<void> {
  for (const { name } of await loopsOf(file)) {
    const bound = (await allMounts()).filter((mount) => mount.root === name.replace("/dev", ""));
    for (const { mountPoint } of bound) await letGo(mountPoint);
    await run("losetup", "--detach", name);
  }
}
