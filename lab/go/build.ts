import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { binDir, cacheDir, logFile, sourceDir } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { sh } from "../run/shell.ts";
import { type GoModule, goModules } from "./modules.ts";

/** A part per Go module: `<name>-build`. */
export const goParts: readonly Part[] = goModules.map(goPart);

function goPart(module: GoModule): Part {
  return {
    name: `${module.name}-build`,
    needs: [],
    seconds: { cold: module.cold, warm: 0 },
    usesAllCores: true,
    build: () => buildModule(module),
    status: async () => `${module.programs.join(" ")} ${isBuilt(module) ? module.version : "not built"}`,
  };
}

/** Builds the module's programs into the cache, if they are not there yet, and links them into the lab's PATH. */
export async function buildModule(module: GoModule): Promise<void> {
  const built = await builtPrograms(module, logFile(`build-${module.name}`));
  mkdirSync(binDir(), { recursive: true });
  for (const program of module.programs) link(join(built, program), join(binDir(), module.names?.[program] ?? program));
}

/** The folder in the cache with the module's programs; builds them where they are not there yet. */
export async function builtPrograms(module: GoModule, log: string): Promise<string> {
  const home = homeOf(module);
  if (isBuilt(module)) return join(home, "bin");
  const staging = `${home}.new`; // Moved into place whole: an interrupted build is never used.
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(join(staging, "bin"), { recursive: true });
  const output = join(staging, "bin", module.output ?? "/");
  const mends = await mend(module, join(staging, "sources"));
  const flags = ["-trimpath", "-ldflags", ldflags(module), ...mends];
  await go(module.name, ["build", ...flags, "-o", output, ...module.packages], log);
  rmSync(join(staging, "sources"), { recursive: true, force: true });
  writeFileSync(join(staging, "inputs"), inputsOf(module));
  rmSync(home, { recursive: true, force: true });
  renameSync(staging, home);
  return join(home, "bin");
}

/** Copies the modules to be mended, adds what they lack, and returns the flags with which they are built. */
async function mend(module: GoModule, into: string): Promise<string[]> {
  if (module.mended === undefined) return [];
  const folder = sourceDir("go", module.name);
  const replaced: string[] = [];
  for (const [index, { path, added }] of module.mended.entries()) {
    const from = await moduleDir(module.name, path);
    const to = join(into, String(index));
    // What is in the module cache is read-only, and so would its copy be: files are written anew.
    for (const file of goFiles(from)) write(join(to, file), readFileSync(join(from, file)));
    for (const [file, source] of Object.entries(added))
      write(join(to, file), readFileSync(source.startsWith("./") ? sourceDir("go", source) : join(from, source)));
    replaced.push(`replace ${path} => ${to}\n`);
  }
  const file = join(into, "go.mod");
  const own = readFileSync(join(folder, "go.mod"), "utf8").replaceAll("=> ./", `=> ${folder}/`);
  write(file, Buffer.from(own + replaced.join("")));
  write(join(into, "go.sum"), readFileSync(join(folder, "go.sum")));
  return [`-modfile=${file}`];
}

/** The go.mod and every Go file but tests. */
function goFiles(folder: string): string[] {
  return filesIn(folder).filter((file) => file === "go.mod" || (file.endsWith(".go") && !file.endsWith("_test.go")));
}

function write(file: string, content: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/**
 * The folder of a Go module's sources, for the manifests and protocol files that lie in it. `goModule` is a folder of
 * lab/go that pins it, `importPath` the module's own path. Downloads at need.
 */
export async function moduleDir(goModule: string, importPath: string): Promise<string> {
  await go(goModule, ["mod", "download", importPath]);
  const dir = (await go(goModule, ["list", "-m", "-f", "{{.Dir}}", importPath])).trim();
  if (dir === "" || !existsSync(dir))
    throw new Error(`lab/go/${goModule}: no sources of ${importPath} in the module cache`);
  return dir;
}

/** The same of a version that the folder's go.sum has, without a look at what else it requires. */
export async function moduleAt(goModule: string, importPath: string, version: string): Promise<string> {
  const told = JSON.parse(await go(goModule, ["mod", "download", "-json", `${importPath}@${version}`]));
  if (!told.Dir || !existsSync(told.Dir))
    throw new Error(`lab/go/${goModule}: no sources of ${importPath} ${version}: ${told.Error ?? "they are gone"}`);
  return told.Dir;
}

/** Runs `go` in one of the folders of lab/go, with a surrounding in which it gives the same result everywhere. */
async function go(folder: string, args: readonly string[], log = logFile(`build-${folder}`)): Promise<string> {
  const proxy = (await sh("go", ["env", "GOPROXY"])).trim().replace(/,direct$/, "");
  return sh("nice", ["go", ...args], {
    cwd: sourceDir("go", folder),
    log,
    seconds: 3600,
    // Without `direct`, what the proxy does not have is an error at once, not a search through version control hosts.
    env: { GOPROXY: proxy, GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly -buildvcs=false", CGO_ENABLED: "0" },
  });
}

function homeOf(module: GoModule): string {
  return cacheDir(`${module.name}-${module.version}`);
}

function isBuilt(module: GoModule): boolean {
  try {
    return readFileSync(join(homeOf(module), "inputs"), "utf8") === inputsOf(module);
  } catch {
    return false;
  }
}

/** Hash of everything in the module's folder, and of the build's settings. */
function inputsOf(module: GoModule): string {
  const folder = sourceDir("go", module.name);
  const hash = createHash("sha256").update(
    JSON.stringify([module.packages, module.output ?? "", module.stamps ?? [], ...(module.mended ?? [])]),
  );
  for (const file of filesIn(folder)) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest("hex");
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => relative(folder, file)).sort();
}

function ldflags(module: GoModule): string {
  return ["-s", "-w", ...(module.stamps ?? []).map((stamp) => `-X ${stamp}`)].join(" ");
}

function link(target: string, at: string): void {
  if (!existsSync(target)) throw new Error(`${target} is missing: delete its folder and build again`);
  rmSync(`${at}.new`, { force: true });
  symlinkSync(target, `${at}.new`);
  renameSync(`${at}.new`, at);
}
