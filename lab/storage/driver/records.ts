import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** What the driver knows about its volumes, snapshots or groups: one JSON file each, read anew every time. */
export type Records<T> = {
  readonly get: (id: string) => Promise<T | undefined>;
  readonly list: () => Promise<T[]>;
  readonly put: (record: T) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
};

/** Opens (and makes) the folder of one kind of record. A file is either whole or not there, whenever we are killed. */
export async function openRecords<T extends { readonly id: string }>(folder: string): Promise<Records<T>> {
  await mkdir(folder, { recursive: true });
  const fileOf = (id: string) => join(folder, `${id}.json`);
  const get = async (id: string) => {
    const text = await readFile(fileOf(id), "utf8").catch(absent);
    return text === undefined ? undefined : parse<T>(text, fileOf(id));
  };
  return {
    get,
    list: async () => {
      const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
      const found = await Promise.all(names.map((name) => get(name.slice(0, -".json".length))));
      return found.filter((record) => record !== undefined);
    },
    put: (record) => writeWhole(fileOf(record.id), JSON.stringify(record)),
    remove: (id) => rm(fileOf(id), { force: true }),
  };
}

async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.new`;
  const handle = await open(draft, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

function parse<T>(text: string, file: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new Error(`${file} is not JSON: it was damaged; look at it, and remove it only if its volume may go`, {
      cause,
    });
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
