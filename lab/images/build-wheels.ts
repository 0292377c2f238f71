import { globSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir, logFile } from "../paths.ts";
import { sh } from "../run/shell.ts";
import { unpack } from "./pack.ts";
import { lockFile, writeRecipeFile } from "./recipe-file.ts";
import type { WheelLayer } from "./recipes.ts";

const site = "usr/local/lib/python3.11/dist-packages";

/**
 * Installs pinned wheels over the layer `python` and compiles them with that layer's own Python, so that no pod does it again at
 * every start. Any pip of the host will do: it only downloads and unpacks.
 */
export async function buildWheels(layer: WheelLayer, tree: string, pythonLayer: string): Promise<string> {
  await mkdir(join(tree, site), { recursive: true });
  await unpack(pythonLayer, tree);
  await install(layer.lock, join(tree, site));
  await removeTests(join(tree, site));
  await moveScripts(tree);
  for (const file of layer.files ?? []) await writeRecipeFile(tree, file);
  await compile(tree);
  return "usr/local";
}

async function install(lock: string, target: string): Promise<void> {
  const wanted = ["--python-version", "3.11", "--implementation", "cp", "--only-binary=:all:"];
  const exact = ["--no-deps", "--require-hashes", "--requirement", lockFile(lock)];
  const quiet = ["--quiet", "--no-compile", "--disable-pip-version-check", "--root-user-action=ignore"];
  await sh("python3", ["-m", "pip", "install", ...quiet, ...wanted, ...exact, "--target", target], {
    env: { PIP_CACHE_DIR: cacheDir("pip"), PIP_FIND_LINKS: undefined },
    log: logFile("images"),
    seconds: 600,
  });
}

/** The packages' own tests are a fifth of all files. */
async function removeTests(target: string): Promise<void> {
  for (const folder of globSync("**/tests", { cwd: target }))
    await rm(join(target, folder), { recursive: true, force: true });
  for (const map of globSync("share/**/*.map", { cwd: target })) await rm(join(target, map));
}

/** pip puts programs and data below its target; Python and Jupyter look for them below /usr/local. */
async function moveScripts(tree: string): Promise<void> {
  for (const folder of ["bin", "share", "etc"]) {
    const from = join(tree, site, folder);
    await cp(from, join(tree, "usr/local", folder), { recursive: true }).catch(() => {}); // Not every set has all three.
    await rm(from, { recursive: true, force: true });
  }
  for (const script of globSync("usr/local/bin/*", { cwd: tree })) {
    const text = await readFile(join(tree, script), "latin1");
    await writeFile(join(tree, script), text.replace(/^#!.*python.*\n/, "#!/usr/bin/python3\n"), "latin1");
  }
}

async function compile(tree: string): Promise<void> {
  const args = ["-m", "compileall", "-q", "-j", "2", "--invalidation-mode", "unchecked-hash", `/${site}`];
  // Some packages carry files for other versions of Python, which do not compile; they are not used either.
  await sh("chroot", [tree, "/usr/bin/python3", ...args], { log: logFile("images"), seconds: 300 }).catch(
    (error: Error) => {
      if (!error.message.includes("ended with code 1")) throw error;
    },
  );
}
