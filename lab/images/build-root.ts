import { globSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheDir, logFile } from "../paths.ts";
import { sh } from "../run/shell.ts";
import { writeRecipeFile } from "./recipe-file.ts";
import type { RootLayer } from "./recipes.ts";

/** In every root file system: nobody reads them in a container. */
const unread = ["usr/share/{doc,man,info,locale,lintian,bug,menu,pixmaps}", "var/{cache,log,lib}/*", "usr/lib/debug"];

/**
 * Unpacks Debian packages into a tree. The packages' own scripts do not run, so what they would have made (accounts, the bundle of
 * trusted certificates) is written here.
 */
export async function buildRoot(layer: RootLayer, tree: string): Promise<string> {
  await unpackPackages(layer.packages, tree);
  await writeBasics(layer, tree);
  for (const file of layer.files ?? []) await writeRecipeFile(tree, file);
  for (const [path, target] of Object.entries(layer.links ?? {})) await symlink(target, join(tree, path));
  await removeAll(tree, [...unread, ...(layer.drop ?? [])]);
  if (layer.keep !== undefined) await keepOnly(tree, [...layer.keep, "etc/passwd", "etc/group", "etc/nsswitch.conf"]);
  return ".";
}

async function unpackPackages(packages: readonly string[], tree: string): Promise<void> {
  const archives = cacheDir("apt");
  await mkdir(archives, { recursive: true });
  const inside = '"$1"/var/cache/apt/archives/';
  await sh(
    "mmdebstrap",
    [
      "--mode=root",
      "--variant=extract",
      "--skip=download/empty,cleanup/apt",
      `--include=${packages.join(",")}`,
      '--aptopt=Acquire::Languages "none"',
      `--setup-hook=mkdir -p ${inside}; cp -n ${archives}/*.deb ${inside} 2>/dev/null || true`,
      `--customize-hook=cp -n ${inside}*.deb ${archives}/`,
      "bookworm",
      tree,
    ],
    { log: logFile("images"), seconds: 300 },
  );
}

async function writeBasics(layer: RootLayer, tree: string): Promise<void> {
  const passwd = layer.users.map(
    ({ name, id, home }) => `${name}:x:${id}:${id === 1001 ? 0 : id}:${name}:${home}:/bin/sh\n`,
  );
  const group = layer.users.map(({ name, id }) => `${name}:x:${id}:\n`);
  await writeFile(join(tree, "etc/passwd"), passwd.join(""));
  await writeFile(join(tree, "etc/group"), group.join(""));
  await writeFile(join(tree, "etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
  for (const { home, id } of layer.users) {
    if (home !== "/" && id !== 0) await mkdir(join(tree, home), { recursive: true, mode: 0o775 });
  }
  const certificates = globSync("usr/share/ca-certificates/**/*.crt", { cwd: tree }).sort();
  await mkdir(join(tree, "etc/ssl/certs"), { recursive: true });
  const bundle = certificates.map((file) => readFileSync(join(tree, file), "utf8")).join("");
  await writeFile(join(tree, "etc/ssl/certs/ca-certificates.crt"), bundle);
}

async function removeAll(tree: string, patterns: readonly string[]): Promise<void> {
  for (const pattern of patterns) {
    for (const path of globSync(pattern, { cwd: tree })) await rm(join(tree, path), { recursive: true, force: true });
  }
}

async function keepOnly(tree: string, paths: readonly string[]): Promise<void> {
  const all = `${tree}.all`;
  await rename(tree, all);
  await mkdir(tree);
  for (const path of paths) {
    await mkdir(join(tree, dirname(path)), { recursive: true });
    await cp(join(all, path), join(tree, path), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
  await chmod(join(tree, "tmp"), 0o1777);
  await rm(all, { recursive: true });
}
