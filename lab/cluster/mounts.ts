import { readFileSync } from "node:fs";
import { sh } from "../run/shell.ts";

/**
 * Unmounts everything below a folder, and the folder itself where the kubelet bound it to itself, the deepest first. What is busy
 * is detached and goes away with its last user. A disk that somebody else mounted at the folder stays.
 */
export async function unmountBelow(folder: string): Promise<void> {
  for (const point of mountsBelow(folder, readFileSync("/proc/self/mountinfo", "utf8"))) {
    await sh("umount", [point]).catch(() => sh("umount", ["--lazy", point]));
  }
}

/** Mount points below a folder in the text of /proc/self/mountinfo, the last mounted first, and the folder's mount onto itself. */
export function mountsBelow(folder: string, mountinfo: string): string[] {
  const mounts = mountinfo.split("\n").map(parse);
  return mounts
    .filter((mount) => mount.point.startsWith(`${folder}/`) || (mount.point === folder && isOntoItself(mount, mounts)))
    .map(({ point }) => point)
    .reverse();
}

interface Mount {
  readonly id: string;
  readonly parent: string;
  readonly device: string;
  /** What of the device is mounted. */
  readonly root: string;
  readonly point: string;
}

function parse(line: string): Mount {
  const [id = "", parent = "", device = "", root = "", point = ""] = line
    .split(" ", 5)
    .map((field) => field.replaceAll(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))));
  return { id, parent, device, root, point };
}

/** Whether it shows what would be there without it. */
function isOntoItself(mount: Mount, mounts: readonly Mount[]): boolean {
  const below = mounts.find(({ id }) => id === mount.parent);
  if (below === undefined || below.device !== mount.device) return false;
  const trim = (path: string) => path.replace(/\/$/, "");
  return mount.root === trim(below.root) + mount.point.slice(trim(below.point).length);
}
