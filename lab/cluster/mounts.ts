import { readFileSync } from "node:fs";
import { sh } from "../run/shell.ts";

/** Unmounts everything below a folder, and what lies over the folder itself, the deepest first. What is busy is detached and goes away with its last user. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const point of mountsBelow(folder, readFileSync("/proc/self/mountinfo", "utf8"))) {
    await sh("umount", [point]).catch(() => sh("umount", ["--lazy", point]));
  }
}

/** Mount points at and below a folder in the text of /proc/self/mountinfo, the last mounted first. */
export function mountsBelow(folder: string, mountinfo: string): string[] {
  return mountinfo
    .split("\n")
    .map((line) =>
      (line.split(" ")[4] ?? "").replaceAll(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
    )
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .reverse();
}
