import { constants } from "node:fs";
import { lstat, open, readdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Fault } from "../../base/fault.ts";
import { type ContentEdit, setAsideSuffix } from "../../flow/contents.ts";

/** Changes restored files by their names, after they were compared with the point; what was edited before is left. */
export async function applyEdits(data: string, edits: readonly ContentEdit[]): Promise<void> {
  for (const edit of edits) {
    const place = await inside(data, edit.path);
    if (edit.kind === "write") await overwrite(place, edit.text);
    else await setAside(place);
  }
}

/** The place of `path`, whose directories are directories and no links that lead elsewhere. */
async function inside(data: string, path: string): Promise<string> {
  const parts = path.split("/");
  const isOutside = parts.some((part) => part === "" || part === "." || part === "..");
  let place = data;
  for (const part of parts.slice(0, -1)) {
    place = join(place, part);
    if (isOutside || !(await lstat(place)).isDirectory())
      throw new Fault("VOLUME", `${path} is no place of the restored volume`, {
        hint: "restore without setting it aside",
      });
  }
  return join(place, parts.at(-1)!);
}

async function setAside(place: string): Promise<void> {
  const folder = dirname(place);
  const name = basename(place);
  const names = await readdir(folder);
  const found = names.includes(name)
    ? [name]
    : names.filter((one) => one.startsWith(`${name}.`) && !one.endsWith(setAsideSuffix));
  for (const one of found) await rename(join(folder, one), join(folder, `${one}${setAsideSuffix}`));
}

/** Keeps owner and mode of the file. */
async function overwrite(place: string, text: string): Promise<void> {
  const file = await open(place, constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
