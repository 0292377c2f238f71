/**
 * A snapshot of "." has no entry for the directory itself. Its owner and mode (which a volume's root has for good
 * reasons) are kept as a tag of the snapshot: "root:2775:0:1000" is mode (octal), user and group.
 */
import { chmod, chown } from "node:fs/promises";

export interface RootMode {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export function rootTag({ mode, uid, gid }: RootMode): string {
  return `root:${(mode & 0o7777).toString(8)}:${uid}:${gid}`;
}

export function parseRootTag(tags: readonly string[]): RootMode | undefined {
  for (const tag of tags) {
    const match = /^root:([0-7]{1,4}):(\d+):(\d+)$/.exec(tag);
    if (match) return { mode: Number.parseInt(match[1]!, 8), uid: Number(match[2]), gid: Number(match[3]) };
  }
  return undefined;
}

/** The owner can be set by root only, like those of the files inside. */
export async function applyRootMode(directory: string, root: RootMode): Promise<void> {
  if (process.getuid?.() === 0) await chown(directory, root.uid, root.gid);
  await chmod(directory, root.mode);
}
