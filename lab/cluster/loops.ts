import { existsSync } from "node:fs";
import { sh } from "../run/shell.ts";

/** Detaches the loop devices whose files lie below the given folders: what a kubelet leaves that ended without its pods. */
export async function detachLoopsBelow(folders: readonly string[]): Promise<void> {
  const list = await sh("losetup", ["--list", "--noheadings", "--raw", "--output", "NAME,BACK-FILE"]);
  for (const device of loopsBelow(folders, list)) await sh("losetup", ["--detach", device]);
}

/**
 * Devices in the output of losetup that lie on files below the folders; those that lie on other devices come first. The list names
 * the devices of every mount namespace: a file that this one does not see belongs to another, unless it is deleted.
 */
export function loopsBelow(folders: readonly string[], list: string, isSeen = existsSync): string[] {
  const devices = list.split("\n").flatMap((line) => {
    const [, device, file] = /^(\/dev\/loop\d+) (.*)$/.exec(line) ?? [];
    const below = folders.some((folder) => file?.startsWith(`${folder}/`));
    const ours = below && (file?.endsWith(" (deleted)") === true || isSeen(file ?? ""));
    return device !== undefined && ours ? [device] : [];
  });
  return devices.sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)));
}
