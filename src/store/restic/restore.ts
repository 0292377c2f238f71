import { posix } from "node:path";
import type { RunOptions, TreeDestination } from "../contract.ts";
import { asMessage, type RestoreSummary } from "./messages.ts";
import { applyRootMode, parseRootTag } from "./root-tag.ts";
import { readWell } from "./reading.ts";
import type { Session } from "./session.ts";
import { snapshots } from "./snapshots.ts";

export async function restoreTree(
  session: Session,
  from: TreeDestination,
  options: RunOptions = {},
): Promise<{ files: number; bytes: number }> {
  const subpath = from.subpath && posix.join("/", from.subpath);
  const doing = `restore ${subpath ?? "the tree"} of snapshot ${from.snapshot.slice(0, 8)} to ${from.directory}`;
  let summary: RestoreSummary = {};
  await readWell(session, {
    doing,
    args: [
      "restore",
      subpath && subpath !== "/" ? `${from.snapshot}:${subpath}` : from.snapshot,
      "--target",
      from.directory,
      "--overwrite",
      "if-changed",
      "--sparse",
      ...(from.deleteOthers ? ["--delete"] : []),
    ],
    onValue: (value) => {
      if (asMessage(value)?.message_type === "summary") summary = value as RestoreSummary;
    },
    ...options,
  });
  if (!from.subpath) await restoreRoot(session, from);
  options.onBytes?.(summary.total_bytes ?? 0, summary.total_bytes ?? 0);
  return { files: summary.total_files ?? 0, bytes: summary.total_bytes ?? 0 };
}

async function restoreRoot(session: Session, from: TreeDestination): Promise<void> {
  const [snapshot] = await snapshots(session, [from.snapshot]);
  const root = snapshot && parseRootTag(snapshot.tags);
  if (root) await applyRootMode(from.directory, root);
}
