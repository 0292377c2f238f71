import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir, program } from "../paths.ts";
import { pack } from "./pack.ts";
import { buildProgram } from "./build-program.ts";
import { buildRoot } from "./build-root.ts";
import { buildWheels } from "./build-wheels.ts";
import { contentOf, lockFile } from "./recipe-file.ts";
import { type Layer, type LayerName, layers } from "./recipes.ts";

/** Raised when the way layers are built changes, so that none from an older way is used. */
const generation = 1;

const building = new Map<LayerName, Promise<string>>();

/** The cached tar of a layer; builds it first where it is missing. Its name holds a hash of everything it is made of. */
export function ensureLayer(name: LayerName): Promise<string> {
  const started = building.get(name) ?? buildOnce(name);
  building.set(name, started);
  started.catch(() => building.delete(name));
  return started;
}

/** The hash of everything that decides a layer's content, including the layer it is built on. */
export function layerKey(name: LayerName): string {
  const layer: Layer = layers[name];
  const hash = createHash("sha256").update(JSON.stringify([generation, layer]));
  if (layer.kind === "program")
    return hash
      .update(readFileSync(program(layer.program)))
      .digest("hex")
      .slice(0, 16);
  for (const file of layer.files ?? []) hash.update(contentOf(file));
  if (layer.kind === "wheels") hash.update(readFileSync(lockFile(layer.lock))).update(layerKey("python"));
  return hash.digest("hex").slice(0, 16);
}

async function buildOnce(name: LayerName): Promise<string> {
  const file = cacheDir("images", `${name}-${layerKey(name)}.tar.zst`);
  if (existsSync(file)) return file;
  await mkdir(cacheDir("images"), { recursive: true });
  const stage = await mkdtemp(cacheDir("images", `building-${name}-`));
  try {
    const layer: Layer = layers[name];
    const tree = join(stage, "tree");
    const content = await build(layer, tree);
    await pack(tree, content, join(stage, "layer"));
    await rename(join(stage, "layer"), file);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return file;
}

/** Fills the tree and returns which folder of it becomes the layer. */
async function build(layer: Layer, tree: string): Promise<string> {
  switch (layer.kind) {
    case "root":
      return await buildRoot(layer, tree);
    case "wheels":
      return await buildWheels(layer, tree, await ensureLayer("python"));
    case "program":
      return await buildProgram(layer, tree);
  }
}
