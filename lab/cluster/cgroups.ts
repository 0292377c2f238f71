import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../run/wait.ts";

const root = "/sys/fs/cgroup";

/** Kills what still runs in the control groups of the given name, and removes the groups. */
export async function endCgroups(name: string): Promise<void> {
  const goal = { describe: `the control groups ${name} to be empty`, seconds: 30 };
  await waitFor({
    ...goal,
    check: () =>
      Promise.resolve(
        groups(name)
          .map(endGroup)
          .every((gone) => gone),
      ),
  });
}

/** One folder per controller in version 1, one in all in version 2. */
function groups(name: string): string[] {
  const controllers = existsSync(join(root, "cgroup.controllers")) ? ["."] : readdirSync(root);
  return controllers.map((controller) => join(root, controller, name)).filter((folder) => existsSync(folder));
}

/** Says whether the group is gone. */
function endGroup(folder: string): boolean {
  try {
    const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const gone = children.map((entry) => endGroup(join(folder, entry.name)));
    if (gone.includes(false)) return false;
    for (const pid of readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean)) kill(Number(pid));
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
