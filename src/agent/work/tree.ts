import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, chown, lstat, mkdir, readdir, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Fault, toFault } from "../../base/fault.ts";
import type { MoverResult, MoverWork } from "../../movers/contract.ts";
import type { Saved, TreeSource } from "../../store/contract.ts";
import { treeSha256 } from "../../store/tree-hash.ts";
import { contentsOfCut, contentsOfLive } from "./contents.ts";
import { applyEdits } from "./edits.ts";
import { shiftOwners } from "./owners.ts";
import type { WorkPlace } from "./place.ts";

type Save = Extract<MoverWork, { kind: "save-tree" }>;
type Restore = Extract<MoverWork, { kind: "restore-tree" }>;

export async function saveTree(place: WorkPlace, work: Save): Promise<MoverResult> {
  const { data, signal } = place;
  const before = work.live ? await listing(data) : undefined;
  const directory = await orStandIn(place);
  const save = () =>
    saveWithParent(place, {
      directory,
      host: work.host,
      tags: work.tags,
      reread: work.reread,
      ...(work.parent ? { parent: work.parent } : {}),
      ...(work.live ? { allowUnread: true } : {}),
    });
  const { saved, contents } = work.live
    ? await contentsOfLive(data, signal, save)
    : { saved: await save(), contents: await contentsOfCut(data, place.scratch, signal) };
  // A live tree may change under the reader: then a hash of it says nothing about the snapshot.
  const hash = saved.unread?.length ? undefined : await treeSha256(data, { signal }).catch(unlessLive(work));
  const steady = !work.live || (hash !== undefined && before === (await listing(data)));
  return {
    kind: "saved",
    snapshot: saved.snapshot,
    files: saved.files,
    bytes: saved.bytes,
    added: saved.added,
    ...(hash && steady ? { treeSha256: hash } : {}),
    ...(contents ? { contents } : {}),
  };
}

/** restic saves no empty tree: a folder of this name stands for it, and is taken away again at the restore. */
const emptyMark = ".holdfast-empty";

async function orStandIn({ data, scratch }: WorkPlace): Promise<string> {
  if ((await readdir(data)).length > 0) return data;
  const { mode, uid, gid } = await stat(data);
  const standIn = join(scratch, "empty");
  await mkdir(join(standIn, emptyMark), { recursive: true });
  await chown(standIn, uid, gid).catch(() => undefined); // a mover that only reads may not; the mode is what matters
  await chmod(standIn, mode & 0o7777).catch(() => undefined);
  return standIn;
}

/** The snapshot to compare with may be gone, with the point that it belonged to: then every file is read. */
async function saveWithParent({ repository, signal, onBytes }: WorkPlace, source: TreeSource): Promise<Saved> {
  try {
    return await repository.saveTree(source, { signal, onBytes });
  } catch (error) {
    if (!source.parent || !/load snapshot|no matching ID/i.test(toFault(error).message)) throw error;
    const { parent: _gone, ...alone } = source;
    return repository.saveTree(alone, { signal, onBytes });
  }
}

function unlessLive(work: Save): (error: unknown) => undefined {
  return (error) => {
    if (work.live && toFault(error).code !== "CANCELLED") return undefined; // a file vanished
    throw error;
  };
}

/** Names, sizes and times of everything: two equal listings mean that nobody wrote in between. */
async function listing(directory: string): Promise<string> {
  const hash = createHash("sha256");
  const walk = async (path: Buffer): Promise<void> => {
    const names = await readdir(path, { encoding: "buffer" });
    names.sort(Buffer.compare);
    for (const name of names) {
      const child = Buffer.concat([path, Buffer.from("/"), name]);
      const { size, mtimeNs, ctimeNs, mode } = await lstat(child, { bigint: true });
      hash.update(child).update(`\0${size}\0${mtimeNs}\0${ctimeNs}\0`);
      if ((mode & 0o170000n) === 0o040000n) await walk(child);
    }
  };
  try {
    await walk(Buffer.from(directory));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return `changing ${Math.random()}`;
    throw error;
  }
  return hash.digest("hex");
}

export async function restoreTree(place: WorkPlace, work: Restore): Promise<MoverResult> {
  const { repository, data, signal, onBytes } = place;
  const { files, bytes } = await repository.restoreTree(
    { snapshot: work.snapshot, directory: data, deleteOthers: true },
    { signal, onBytes },
  );
  await rmdir(join(data, emptyMark)).catch(() => undefined); // not there in all but empty ones
  await promisify(execFile)("sync", ["-f", data]).catch(() => undefined); // unmounting writes it out too
  const hash = await treeSha256(data, { signal });
  if (work.treeSha256 && work.treeSha256 !== hash) {
    throw new Fault(
      "DIFFERENT",
      `the restored files are not the saved ones (snapshot ${work.snapshot.slice(0, 8)}): SHA-256 ${hash}, recorded ${work.treeSha256}`,
      {
        hint: "verify the point with all data; somebody may also have written to the volume meanwhile",
      },
    );
  }
  if (work.owners) await shiftOwners(data, work.owners, signal);
  if (work.edits) await applyEdits(data, work.edits);
  return { kind: "restored", files, bytes, treeSha256: hash };
}
