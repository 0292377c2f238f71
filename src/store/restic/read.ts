import { createInterface } from "node:readline";
import { posix } from "node:path";
import { Readable } from "node:stream";
import type { ListedFile, TreeFile } from "../contract.ts";
import { parseLine } from "./messages.ts";
import { readBytes } from "./reading.ts";
import type { Session } from "./session.ts";
import { tarFiles } from "./tar.ts";

export function openFile(session: Session, snapshot: string, path: string): Readable {
  const doing = `read ${path} of snapshot ${snapshot.slice(0, 8)}`;
  const args = ["dump", snapshot, posix.join("/", path)];
  return Readable.from(readBytes(session, { doing, args }), { objectMode: false });
}

/** All files under a directory of a snapshot by one run of restic, which costs as much as one file alone. */
export function readFiles(session: Session, snapshot: string, directory: string): AsyncIterable<TreeFile> {
  const doing = `read ${directory} of snapshot ${snapshot.slice(0, 8)}`;
  const args = ["dump", "--archive", "tar", snapshot, posix.join("/", directory)];
  return tarFiles(readBytes(session, { doing, args }));
}

interface Node {
  readonly struct_type?: string;
  readonly message_type?: string;
  readonly type?: string;
  readonly path?: string;
  readonly size?: number;
}

export async function* listFiles(session: Session, snapshot: string): AsyncIterable<ListedFile> {
  const doing = `list snapshot ${snapshot.slice(0, 8)}`;
  for await (const line of linesOf(session, doing, ["ls", snapshot])) {
    const node = line as Node | undefined;
    if (node?.path === undefined) continue;
    if (node.type === "file") yield { path: node.path, size: node.size ?? 0 };
    if (node.type === "symlink") yield { path: node.path, size: 0, isLink: true };
  }
}

/** restic compares the content, not the times. "M": other bytes; "-": gone. Directories end in "/". */
export async function* changedFiles(session: Session, before: string, after: string): AsyncIterable<string> {
  const doing = `compare snapshots ${before.slice(0, 8)} and ${after.slice(0, 8)}`;
  for await (const line of linesOf(session, doing, ["diff", before, after])) {
    const { message_type, modifier = "", path = "" } = (line ?? {}) as Change;
    if (message_type === "change" && /^[M-]/.test(modifier) && !path.endsWith("/")) yield path;
  }
}

interface Change {
  readonly message_type?: string;
  readonly modifier?: string;
  readonly path?: string;
}

async function* linesOf(session: Session, doing: string, args: readonly string[]): AsyncIterable<unknown> {
  const output = Readable.from(readBytes(session, { doing, args }), { objectMode: false });
  const failure = new Promise<never>((_, reject) => output.once("error", reject));
  failure.catch(() => {});
  for await (const line of createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY }))
    yield parseLine(line);
  if (output.errored) await failure;
}
