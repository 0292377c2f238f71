import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { Fault } from "../../base/fault.ts";

export interface ResticBinary {
  readonly path: string;
  readonly version: string; // "0.19.1"
}

/** JSON from `check`, and retries for 15 minutes: what Holdfast leans on. */
const oldest = [0, 18];
const known = new Map<string, Promise<ResticBinary>>();

/** The stock restic to use: the path given, $HOLDFAST_RESTIC, or the first in PATH. Fault USAGE where none will do. */
export async function findRestic(path?: string): Promise<ResticBinary> {
  const found = path ?? process.env.HOLDFAST_RESTIC ?? (await inPath("restic"));
  if (!found) {
    throw new Fault("USAGE", "restic was not found", {
      hint: "install restic 0.18 or newer, or name it in the environment variable HOLDFAST_RESTIC",
    });
  }
  let result = known.get(found);
  if (!result) {
    result = probe(found);
    known.set(found, result);
    result.catch(() => known.delete(found));
  }
  return result;
}

async function inPath(name: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const candidate = join(directory || ".", name);
    if (
      await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return candidate;
  }
  return undefined;
}

async function probe(path: string): Promise<ResticBinary> {
  const { stdout } = await promisify(execFile)(path, ["version"], { timeout: 30_000, env: {} }).catch(
    (cause: unknown) => {
      throw new Fault("USAGE", `${path} cannot be run as restic`, {
        hint: "name a working restic in HOLDFAST_RESTIC",
        cause,
      });
    },
  );
  const version = versionIn(stdout);
  if (!version) throw new Fault("USAGE", `${path} is no restic: it says "${stdout.trim().slice(0, 80)}"`);
  if (isOlder(version)) {
    throw new Fault("USAGE", `${path} is restic ${version}; Holdfast needs ${oldest.join(".")} or newer`, {
      hint: "install a newer restic, or name one in HOLDFAST_RESTIC",
    });
  }
  return { path, version };
}

export function versionIn(output: string): string | undefined {
  return /^restic (\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1];
}

export function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < oldest[0]! || (major === oldest[0] && minor < oldest[1]!);
}
