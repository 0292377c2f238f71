import { allMounts } from "./mounts.ts";
import { run } from "./run.ts";

/** A file that the kernel shows as a disk. */
export type Loop = { readonly name: string; readonly readonly: boolean };

/** The loop devices over this file. */
export async function loopsOf(file: string): Promise<Loop[]> {
  const text = await run("losetup", "--json", "--output", "NAME,RO", "--associated", file);
  if (!text.trim()) return [];
  const { loopdevices } = JSON.parse(text) as { loopdevices: { name: string; ro: boolean }[] };
  return loopdevices.map(({ name, ro }) => ({ name, readonly: ro }));
}

/** The device of this file, attached now if it was not. */
export async function attach(file: string, readonly: boolean): Promise<string> {
  const present = (await loopsOf(file)).find((loop) => loop.readonly === readonly);
  if (present) return present.name;
  const flags = readonly ? ["--read-only"] : [];
  return (await run("losetup", "--find", "--show", ...flags, file)).trim();
}

/** Detaches the file's devices that are bound to no path any more; returns the paths of those that are. */
export async function detachUnused(file: string): Promise<string[]> {
  const mounts = await allMounts();
  const users: string[] = [];
  for (const { name } of await loopsOf(file)) {
    // A device node that is bound somewhere shows as a mount of devtmpfs with the root "/loopN".
    const bound = mounts.filter((mount) => mount.root === name.replace("/dev", ""));
    if (bound.length === 0) await run("losetup", "--detach", name);
    users.push(...bound.map((mount) => mount.mountPoint));
  }
  return users;
}

/** Lets the devices see that the file has grown. */
export async function refresh(file: string): Promise<void> {
  for (const { name } of await loopsOf(file)) await run("losetup", "--set-capacity", name);
}
