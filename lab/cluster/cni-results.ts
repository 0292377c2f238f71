import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Removes what the container runtime wrote down of pods' networks, in a folder whose place cannot be chosen. It lets go of its notes
 * when a pod ends, not when all of them are thrown away. Notes made with any other configuration than ours stay.
 */
export function forgetPodNetworks(config: string, folder = "/var/lib/cni/results"): void {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder);
  for (const file of files.filter((name) => isMadeWith(config, join(folder, name)))) {
    const [container = ""] = /[0-9a-f]{64}/.exec(file) ?? [];
    rmSync(join(folder, file), { force: true });
    rmSync(join(folder, `cni-loopback-${container}-lo`), { force: true });
  }
}

function isMadeWith(config: string, file: string): boolean {
  try {
    return Buffer.from(JSON.parse(readFileSync(file, "utf8")).config, "base64").toString() === config;
  } catch {
    return false; // Gone meanwhile, or not such a file.
  }
}
