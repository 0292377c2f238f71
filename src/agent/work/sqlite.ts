/**
 * SQLite files of a volume that was cut in one moment: is each whole, as it will be found after a restore? A copy is opened with
 * the journal or -wal file beside it, as SQLite itself does after a power cut, and checked from the first page to the last.
 */
import { copyFile, mkdtemp, open, opendir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { someOf } from "../../base/some-of.ts";
import type { FileDatabase } from "../../flow/contents.ts";

const names = /\.(db|db3|sqlite|sqlite3)$/i;
const magic = "SQLite format 3\0";
/** Copies lie in the mover's scratch space, one at a time. */
const largest = 512 * 1024 ** 2;
const most = 50;
/** Files of this name that are opened to see whether they are SQLite's, in a volume of many. */
const mostLooks = 2000;

export async function checkSqlite(
  data: string,
  scratch: string,
  signal: AbortSignal,
): Promise<readonly FileDatabase[]> {
  const found: FileDatabase[] = [];
  let looks = 0;
  for await (const path of filesIn(data, "")) {
    signal.throwIfAborted();
    if (looks++ >= mostLooks || found.length >= most) break;
    if (await isSqlite(join(data, path))) found.push(await check(data, path, scratch));
  }
  return found;
}

async function* filesIn(data: string, directory: string): AsyncGenerator<string> {
  for await (const entry of await opendir(join(data, directory))) {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    if (entry.isDirectory()) yield* filesIn(data, path);
    else if (entry.isFile() && names.test(entry.name)) yield path;
  }
}

async function isSqlite(file: string): Promise<boolean> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(magic.length), 0, magic.length, 0);
    return bytesRead === magic.length && buffer.toString("latin1") === magic;
  } finally {
    await handle.close();
  }
}

async function check(data: string, path: string, scratch: string): Promise<FileDatabase> {
  const sizes = await Promise.all(["", "-wal", "-journal"].map((end) => sizeOf(join(data, path + end))));
  const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  if (bytes > largest) return { path, bytes, state: "unknown", why: "too large to be checked" };
  const home = await mkdtemp(join(scratch, "sqlite-"));
  try {
    for (const [at, end] of ["", "-wal", "-journal"].entries())
      if (sizes[at] !== undefined) await copyFile(join(data, path + end), join(home, `db${end}`));
    const trouble = troubleOf(join(home, "db"));
    return trouble ? { path, bytes, state: "partial", why: trouble } : { path, bytes, state: "complete" };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** What SQLite finds wrong; undefined where it finds nothing. */
function troubleOf(file: string): string | undefined {
  try {
    const database = new DatabaseSync(file);
    try {
      const rows = database.prepare("PRAGMA integrity_check(5)").all() as { integrity_check: string }[];
      const words = rows.map((row) => row.integrity_check).filter((word) => word !== "ok");
      return words.length > 0 ? someOf(words, 2) : undefined;
    } finally {
      database.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}
