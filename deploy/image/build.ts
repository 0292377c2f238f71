/**
 * Builds Holdfast's image without a container engine: a root file system of a few Debian packages, Node, stock restic, and the
 * whole program as one file. Equal sources give an equal digest.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { ensureLayer } from "../../lab/images/layer.ts";
import { pack } from "../../lab/images/pack.ts";
import { cacheDir, program, sourceDir } from "../../lab/paths.ts";
import { sh } from "../../lab/run/shell.ts";
import { nodeEnvironment, nodeFlags } from "../../src/base/node-flags.ts";

export interface BuildOptions {
  /** "registry.example.com/team" or "10.0.0.1:5000". The image's name in it is "holdfast". */
  readonly registry: string;
  readonly tag: string;
}

const root = sourceDir("..");
const environment = Object.entries(nodeEnvironment).map(([name, value]) => `${name}=${value}`);

/** Builds the image and pushes it; gives its reference by digest. */
export async function buildImage({ registry, tag }: BuildOptions): Promise<string> {
  const files = [await ensureLayer("holdfast-base"), await runtimeLayer(), await programLayer()];
  const bare = `${registry}/holdfast:${tag}-layers`;
  const reference = `${registry}/holdfast:${tag}`;
  await crane(["append", "--oci-empty-base", ...files.flatMap((file) => ["-f", file]), "-t", bare]);
  await crane([
    "mutate", bare,
    "--entrypoint", ["/usr/bin/node", ...nodeFlags, "/opt/holdfast/holdfast.cjs"].join(","),
    "--env", "PATH=/usr/bin",
    "--env", "HOME=/tmp",
    "--env", "HOLDFAST_RESTIC=/usr/bin/restic",
    ...environment.flatMap((one) => ["--env", one]),
    "--env", "NODE_OPTIONS=--max-old-space-size=768",
    "--user", "65532", // any other works as well
    "--set-platform", "linux/amd64",
    "-t", reference,
  ]);
  const digest = (await crane(["digest", reference])).trim();
  return `${registry}/holdfast@${digest}`;
}

/** The program as one file: dist/holdfast.cjs, which also runs outside of a container. Made again only when its sources changed. */
export async function bundle(outfile = join(root, "dist", "holdfast.cjs")): Promise<string> {
  const [key, note] = [sourcesKey(), `${outfile}.key`];
  if (existsSync(outfile) && existsSync(note) && readFileSync(note, "utf8") === key) return outfile;
  await rm(note, { force: true });
  await bundleSources(outfile);
  writeFileSync(note, key);
  return outfile;
}

/** Of everything that the bundle is made of: our sources, the libraries' versions, and how it is made. */
function sourcesKey(): string {
  const files = globSync(["src/**/*.{ts,json}", "deploy/image/*.{ts,js}", "package.json", "package-lock.json"], { cwd: root }).sort();
  const key = createHash("sha256");
  for (const file of files) if (!file.endsWith(".test.ts")) key.update(`${file}\n`).update(readFileSync(join(root, file)));
  return key.digest("hex");
}

async function bundleSources(outfile: string): Promise<void> {
  const entry = `
    import { main } from "./src/cli/main.ts";
    main(process.argv.slice(2)).then((code) => process.exit(code));`;
  await build({
    stdin: { contents: entry, resolveDir: root, sourcefile: "holdfast.ts", loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    banner: { js: `#!/usr/bin/env -S ${[...environment, "node", ...nodeFlags].join(" ")}` },
    define: { "import.meta.url": "__holdfastUrl" },
    inject: [join(import.meta.dirname, "import-meta.js")],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "error",
    external: ["mock-aws-s3", "aws-sdk", "nock"],
    plugins: [kubeconfigOnly],
  });
  await chmod(outfile, 0o755);
}

/** Of the official client the kubeconfig and its ways to log in are used. Its models of all kinds are as large as all else. */
const kubeconfigOnly: Plugin = {
  name: "kubeconfig-only",
  setup({ onResolve, resolve }) {
    const inside = /[/\\]@kubernetes[/\\]client-node[/\\]/;
    onResolve({ filter: /^@kubernetes\/client-node$/ }, async ({ resolveDir, kind, pluginData }) => {
      if (pluginData === inside) return undefined;
      const found = await resolve("@kubernetes/client-node/dist/config.js", { resolveDir, kind, pluginData: inside });
      return { ...found, sideEffects: false };
    });
    onResolve({ filter: /^\./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === inside || !inside.test(importer)) return undefined;
      return { ...(await resolve(path, { resolveDir, kind, pluginData: inside })), sideEffects: false };
    });
  },
};

/** Node and restic, packed once for each pair of versions. */
async function runtimeLayer(): Promise<string> {
  const programs = { node: process.execPath, restic: tool("restic") };
  const key = createHash("sha256");
  for (const path of Object.values(programs)) key.update(readFileSync(path));
  return layer(`holdfast-runtime-${key.digest("hex").slice(0, 16)}`, async (tree) => {
    await mkdir(join(tree, "usr/bin"), { recursive: true });
    for (const [name, path] of Object.entries(programs)) {
      await copyFile(path, join(tree, "usr/bin", name));
      await chmod(join(tree, "usr/bin", name), 0o755);
    }
    return "usr";
  });
}

async function programLayer(): Promise<string> {
  const file = await bundle();
  const key = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);
  for (const old of globSync(cacheDir("images", "holdfast-program-*.tar.zst"))) if (!old.includes(key)) await rm(old, { force: true });
  return layer(`holdfast-program-${key}`, async (tree) => {
    await mkdir(join(tree, "opt/holdfast"), { recursive: true });
    await copyFile(file, join(tree, "opt/holdfast/holdfast.cjs"));
    return "opt";
  });
}

/** A cached tar, made beside its final place and moved there whole. */
async function layer(name: string, fill: (tree: string) => Promise<string>): Promise<string> {
  const file = cacheDir("images", `${name}.tar.zst`);
  if (existsSync(file)) return file;
  await mkdir(cacheDir("images"), { recursive: true });
  const stage = await mkdtemp(cacheDir("images", "building-holdfast-"));
  try {
    const tree = join(stage, "tree");
    await mkdir(tree, { mode: 0o755 });
    await pack(tree, await fill(tree), join(stage, "layer"));
    await rename(join(stage, "layer"), file);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return file;
}

async function crane(words: string[]): Promise<string> {
  return sh(tool("crane"), words, { seconds: 300 });
}

/** A tool of the lab; where the lab is not up, as it lies in the cache. */
function tool(name: string): string {
  if (existsSync(program(name))) return program(name);
  const built = globSync(cacheDir("tools-*", "bin", name)).sort().at(-1);
  if (built) return built;
  throw new Error(`${name} has not been built; build it with: make lab`);
}

if (import.meta.main) {
  const [registry, tag = "dev"] = process.argv.slice(2);
  if (!registry) {
    process.stderr.write("usage: deploy/image/build REGISTRY [TAG]\n");
    process.exit(2);
  }
  process.stdout.write(`${await buildImage({ registry, tag })}\n`);
}
