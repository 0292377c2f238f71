import { createHash } from "node:crypto";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { Fault } from "../../base/fault.ts";
import type { RunOptions, Saved, StreamSource, TreeSource } from "../contract.ts";
import { faultOf } from "./exit.ts";
import { asMessage, type BackupSummary } from "./messages.ts";
import { rootTag } from "./root-tag.ts";
import { run } from "./run.ts";
import type { Session } from "./session.ts";

export async function saveTree(session: Session, source: TreeSource, options: RunOptions = {}): Promise<Saved> {
  const root = await stat(source.directory).catch((cause: unknown) => {
    throw new Fault("VOLUME", `${source.directory} cannot be read: ${(cause as Error).message}`, { cause });
  });
  const args = [
    ...backupArgs(source.host, [...source.tags, rootTag(root)]),
    ...(source.parent ? ["--parent", source.parent] : []),
    ...(source.reread ? ["--force"] : []),
    ".",
  ];
  return backup(session, { args, cwd: source.directory, allowUnread: source.allowUnread ?? false }, options);
}

export async function saveStream(
  session: Session,
  source: StreamSource,
  options: RunOptions = {},
): Promise<Saved & { sha256: string }> {
  const hash = createHash("sha256");
  const args = [...backupArgs(source.host, source.tags), "--stdin", "--stdin-filename", source.path];
  const feed = async (stdin: Writable) => {
    for await (const chunk of source.stream as AsyncIterable<Buffer>) {
      hash.update(chunk);
      if (!stdin.write(chunk)) await once(stdin, "drain", { signal: options.signal });
    }
  };
  const saved = await backup(session, { args, feed, allowUnread: false }, options).finally(() =>
    stopReading(source.stream),
  );
  return { ...saved, sha256: hash.digest("hex") };
}

const stopReading = (stream: Readable) => void stream.destroy();

function backupArgs(host: string, tags: readonly string[]): string[] {
  const split = tags.find((tag) => tag.includes(","));
  if (split) throw new Fault("INVALID", `the tag "${split}" holds a comma, which restic would take as two tags`);
  return ["--retry-lock", "5m", "backup", "--host", host, ...tags.flatMap((tag) => ["--tag", tag])];
}

interface BackupInput {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly feed?: (stdin: Writable) => Promise<void>;
  readonly allowUnread: boolean;
}

async function backup(session: Session, input: BackupInput, options: RunOptions): Promise<Saved> {
  const doing = input.cwd ? `save ${input.cwd}` : "save a stream";
  let summary: BackupSummary | undefined;
  const onValue = (value: unknown) => {
    if (asMessage(value)?.message_type === "summary") summary = value as BackupSummary;
  };
  const { allowUnread, ...what } = input;
  const ending = await run(session, { doing, ...what, onValue, ...options });
  const partial = ending.code === 3 && allowUnread;
  const fault = partial ? undefined : faultOf(ending, doing, session.name);
  if (fault) throw fault;
  if (!summary?.snapshot_id) throw new Fault("INTERNAL", `${doing} (${session.name}): restic told no snapshot id`);
  options.onBytes?.(summary.total_bytes_processed, summary.total_bytes_processed); // A quick run tells nothing on its way.
  return {
    snapshot: summary.snapshot_id,
    files: summary.total_files_processed,
    bytes: summary.total_bytes_processed,
    added: summary.data_added_packed,
    ...(partial ? { unread: ending.failedItems.map(({ item }) => item) } : {}),
  };
}
