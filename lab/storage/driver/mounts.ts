import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { run } from "./run.ts";

/** One line of /proc/self/mountinfo. */
export type Mount = {
  readonly device: string;
  /** The path within the mounted filesystem that is shown at mountPoint. */
  readonly root: string;
  readonly mountPoint: string;
};

/** Reads mountinfo's text. The kernel writes blanks in paths as octal. */
export function parseMounts(text: string): Mount[] {
  const plainText = (field = "") =>
    field.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
  return text
    .split("\n")
    .map((line) => line.split(" "))
    .filter((fields) => fields.length > 5)
    .map((fields) => ({ device: fields[2] ?? "", root: plainText(fields[3]), mountPoint: plainText(fields[4]) }));
}

/** Whether `path` is `folder` or lies below it. */
const within = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);

/** The mounts, out of all, that show `path` or something below it anywhere; `path` itself need not be a mount. */
export function mountsShowing(path: string, mounts: readonly Mount[]): Mount[] {
  const home = mounts
    .filter((mount) => within(path, mount.mountPoint))
    .reduce<Mount | undefined>(
      (best, mount) => (best && best.mountPoint.length > mount.mountPoint.length ? best : mount),
      undefined,
    );
  if (!home) return [];
  const root = join(home.root, relative(home.mountPoint, path));
  return mounts.filter((mount) => mount.device === home.device && within(mount.root, root));
}

export const allMounts = async (): Promise<Mount[]> => parseMounts(await readFile("/proc/self/mountinfo", "utf8"));

/** Where a folder of the pool is mounted now. */
export const mountsOf = async (path: string): Promise<Mount[]> => mountsShowing(path, await allMounts());

/** The topmost mount at exactly this path. */
export const mountAt = async (path: string): Promise<Mount | undefined> =>
  (await allMounts()).findLast((mount) => mount.mountPoint === path);

/** Shows `source` (a folder, or a device node) at `target` too. Doing it again changes only the options. */
export async function bind(
  source: string,
  target: string,
  kind: "folder" | "file",
  options: readonly string[],
): Promise<void> {
  if (!(await mountAt(target))) {
    if (kind === "folder") await mkdir(target, { recursive: true });
    else await touch(target);
    await run("mount", "--bind", source, target);
  }
  // A bind mount takes its options only in a second step; a run killed between the two is put right here.
  if (options.length > 0) await run("mount", "-o", ["remount", "bind", ...options].join(","), target);
}

/** Takes away every mount at `target`; none is no error. */
export async function unmount(target: string): Promise<void> {
  while (await mountAt(target)) await run("umount", target);
}

/** Takes away every mount at `target`, and the empty folder or file that was mounted on. */
export async function unmountAndRemove(target: string): Promise<void> {
  await unmount(target);
  await rm(target, { force: true }).catch(() => run("rmdir", target));
}

async function touch(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, "", { flag: "a" });
}
