/**
 * scripts/generate: writes what is generated from the sources. With --check it writes nothing and fails where a file is stale,
 * missing or left over.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatedFiles } from "../src/api/generate/files.ts";
import { clusterRestoreYaml, installYaml } from "../src/cli/verbs/install.ts";
import { version } from "../src/base/version.ts";
import { findingsPage } from "../src/plan/findings/page.ts";
import { restoreRulesPage } from "../src/plan/restore-rules/page.ts";
import { trapsPage } from "../src/profiles/traps-page.ts";
import { cliPage } from "./pages/cli.ts";
import { exitCodesPage } from "./pages/exit-codes.ts";
import { profilesPage } from "./pages/profiles.ts";
import { rightsPage } from "./pages/rights.ts";

const root = join(import.meta.dirname, "..");
/** Folders in which every file is generated. */
const owned = ["deploy/crds", "docs/reference/samples"];

/** Path from the root of the repository -> content. */
async function allFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ...generatedFiles(),
    ["deploy/install.yaml", installYaml({ image: `holdfast:${version}` })],
    ["deploy/cluster-restore.yaml", clusterRestoreYaml()],
    ["docs/reference/findings.md", findingsPage()],
    ["docs/reference/restore-rules.md", restoreRulesPage()],
    ["docs/reference/traps.md", trapsPage()],
    ["docs/reference/profiles.md", profilesPage()],
    ["docs/reference/cli.md", await cliPage()],
    ["docs/reference/exit-codes.md", exitCodesPage()],
    ["docs/reference/rbac.md", rightsPage()],
  ]);
}

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

function write(files: ReadonlyMap<string, string>, stale: readonly string[], gone: readonly string[]): void {
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), files.get(path) ?? "");
    process.stdout.write(`wrote ${path}\n`);
  }
  for (const path of gone) {
    rmSync(join(root, path));
    process.stdout.write(`removed ${path}\n`);
  }
}

const files = await allFiles();
const stale = [...files].filter(([path, content]) => read(path) !== content).map(([path]) => path);
const gone = leftOver(files);

if (!process.argv.includes("--check")) {
  write(files, stale, gone);
} else if (stale.length + gone.length > 0) {
  for (const path of [...stale, ...gone]) process.stderr.write(`stale: ${path}\n`);
  process.stderr.write("run scripts/generate and commit what it writes\n");
  process.exitCode = 1;
}
