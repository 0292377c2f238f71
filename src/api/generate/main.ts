/**
 * scripts/generate: writes what is generated from the schemas. With --check it writes nothing and fails where a file is stale,
 * missing or left over.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatedFiles } from "./files.ts";

const root = join(import.meta.dirname, "../../..");
/** Folders in which every file is generated. */
const owned = ["deploy/crds", "docs/reference/samples"];

function read(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}

function leftOver(files: ReadonlyMap<string, string>): string[] {
  return owned
    .flatMap((folder) => listed(folder).map((name) => `${folder}/${name}`))
    .filter((path) => !files.has(path));
}

function listed(folder: string): string[] {
  try {
    return readdirSync(join(root, folder));
  } catch {
    return [];
  }
}

const files = generatedFiles();
const stale = [...files].filter(([path, content]) => read(path) !== content).map(([path]) => path);
const gone = leftOver(files);

if (process.argv.includes("--check")) {
  for (const path of [...stale, ...gone]) process.stderr.write(`stale: ${path}\n`);
  if (stale.length + gone.length > 0) {
    process.stderr.write("run scripts/generate and commit what it writes\n");
    process.exitCode = 1;
  }
} else {
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), files.get(path)!);
    process.stdout.write(`wrote ${path}\n`);
  }
  for (const path of gone) {
    rmSync(join(root, path));
    process.stdout.write(`removed ${path}\n`);
  }
}
