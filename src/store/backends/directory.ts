import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, lstat, mkdir, open, readFile, readdir, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Fault, toFault } from "../../base/fault.ts";
import type { Backend } from "./backend.ts";

/** A directory as target: a local disk, an NFS mount, a volume. Files appear whole or not at all. */
export function directoryBackend(root: string): Backend {
  const at = (key: string) => join(root, key);
  return {
    description: `directory ${root}`,
    put: (key, body, options) => guarded(key, () => put(root, at(key), body, options?.ifAbsent ?? false)),
    get: (key) => guarded(key, () => absentAs(undefined, readFile(at(key)))),
    list: (prefix) => list(root, prefix),
    remove: (key) => guarded(key, () => absentAs(undefined, unlink(at(key)))),
    stat: (key) =>
      guarded(key, () =>
        absentAs(
          undefined,
          lstat(at(key)).then(({ size }) => ({ size })),
        ),
      ),
    close() {},
  };
}

/** The directory of a new target. One that is there already is taken as it is. */
export async function makeRoot(path: string): Promise<void> {
  const found = await guarded(path, () => absentAs(undefined, stat(path)));
  if (found?.isDirectory()) return;
  if (found) throw new Fault("USAGE", `${path} is a file, not a directory`, { hint: "name a directory" });
  await guarded(path, () =>
    mkdir(path, { recursive: true, mode: 0o700 }).catch(async (error: unknown) => {
      // What mkdir calls absent on a read-only file system is there; the plain call gives the true reason.
      if (codeOf(error) === "ENOENT") await mkdir(path, { mode: 0o700 });
      throw error;
    }),
  );
}

/** Writers that died leave files with this beginning; no reader looks at them. */
const unfinished = ".holdfast-unfinished-";

async function put(root: string, path: string, body: Uint8Array, ifAbsent: boolean): Promise<void> {
  const directory = dirname(path);
  await makeDirectories(root, directory);
  const temporary = join(directory, unfinished + randomBytes(8).toString("hex"));
  try {
    await writeDurable(temporary, body);
    if (ifAbsent) await linkNew(temporary, path);
    else await rename(temporary, path);
  } finally {
    await absentAs(undefined, unlink(temporary));
  }
  await syncDirectory(directory);
}

/** The root must be there already: a mount that is missing must not be mistaken for an empty target. */
async function makeDirectories(root: string, directory: string): Promise<void> {
  await lstat(root);
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (!first) return;
  // The name of each new directory is durable once its parent is.
  for (let made = directory; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

async function writeDurable(path: string, body: Uint8Array): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** `link` is the call that refuses an existing name and shows the file only whole. */
async function linkNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw conflict(to, error);
    if (codeOf(error) !== "EPERM" && codeOf(error) !== "ENOTSUP" && codeOf(error) !== "ENOSYS") throw error;
    // A file system without hard links: the name is taken first, then filled by the rename.
    const taken = await open(to, "wx", 0o600).catch((cause: unknown) => {
      throw codeOf(cause) === "EEXIST" ? conflict(to, cause) : cause;
    });
    await taken.close();
    await rename(from, to);
  }
}

function conflict(path: string, cause: unknown): Fault {
  return new Fault("CONFLICT", `${path} exists on the target already; nothing there is ever overwritten`, {
    subject: path,
    cause,
  });
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    // Some file systems cannot sync a directory; they order the writes themselves.
    await directory.sync().catch((error: unknown) => {
      if (codeOf(error) !== "EINVAL" && codeOf(error) !== "ENOTSUP") throw error;
    });
  } finally {
    await directory.close();
  }
}

async function* list(root: string, prefix: string): AsyncIterable<string> {
  const slash = prefix.lastIndexOf("/");
  yield* walk(root, slash < 0 ? "" : prefix.slice(0, slash + 1), prefix);
}

/** Directories sort as their name with "/", which gives the order of the whole keys. */
async function* walk(root: string, folder: string, prefix: string): AsyncIterable<string> {
  const entries = await guarded(folder, () => absentAs([], readdir(join(root, folder), { withFileTypes: true })));
  const keys = entries
    .filter((entry) => !entry.name.startsWith(unfinished))
    .map((entry) => (entry.isDirectory() ? `${folder}${entry.name}/` : `${folder}${entry.name}`))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const key of keys) {
    if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
    if (key.endsWith("/")) yield* walk(root, key, prefix);
    else yield key;
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

async function absentAs<T, U>(value: U, result: Promise<T>): Promise<T | U> {
  try {
    return await result;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return value;
    throw error;
  }
}

async function guarded<T>(key: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw directoryFault(error, key);
  }
}

function directoryFault(error: unknown, key: string): Fault {
  if (error instanceof Fault) return error;
  const name = basename(key) || "the directory";
  const cause = { cause: error, subject: key };
  switch (codeOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new Fault("TARGET_FULL", `the target is full: ${name} could not be written`, {
        ...cause,
        hint: "make room or give the target more, then run it again",
      });
    case "ENOENT":
      return new Fault("NOT_FOUND", `the target's directory does not exist (${(error as Error).message})`, {
        ...cause,
        hint: "make the directory, or mount what belongs there",
      });
    case "ENOTDIR":
      return new Fault("USAGE", `the target is a file, not a directory (${(error as Error).message})`, {
        ...cause,
        hint: "name a directory",
      });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new Fault("FORBIDDEN", `no permission on the target: ${(error as Error).message}`, {
        ...cause,
        hint: "see that the directory is not mounted read-only, and who owns it: ls -ld",
      });
    case "EIO":
    case "ESTALE":
    case "ETIMEDOUT":
      return new Fault("UNAVAILABLE", `the target's file system does not answer: ${(error as Error).message}`, {
        ...cause,
        retry: "soon",
      });
    default:
      return toFault(error, "TARGET");
  }
}
