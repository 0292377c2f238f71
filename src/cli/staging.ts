import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const pattern = /^holdfast-(\d+)-/;

/** Where objects on their way lie, Secrets among them: in memory where the system offers that, for this user only. */
function base(): string {
  const memory = process.env.XDG_RUNTIME_DIR;
  return memory && existsSync(memory) ? memory : tmpdir();
}

/** A directory for one run, removed after it. What runs that were killed left is removed before. */
export async function withStaging<T>(work: (directory: string) => Promise<T>): Promise<T> {
  await removeLeftStaging();
  const directory = await mkdtemp(join(base(), `holdfast-${process.pid}-`));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Removes the directories of this user's runs that live no more; gives their paths. */
export async function removeLeftStaging({ dryRun = false } = {}): Promise<string[]> {
  const left: string[] = [];
  for (const name of await readdir(base()).catch(() => [])) {
    const pid = Number(pattern.exec(name)?.[1]);
    const path = join(base(), name);
    const owner = await stat(path).then(
      ({ uid }) => uid,
      () => undefined,
    );
    if (!pid || isAlive(pid) || owner !== process.getuid?.()) continue;
    left.push(path);
    if (!dryRun) await rm(path, { recursive: true, force: true });
  }
  return left;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
