import { chmod, copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { program } from "../paths.ts";
import type { ProgramLayer } from "./recipes.ts";

/** A layer with nothing but one statically linked program and a folder for temporary files. */
export async function buildProgram(layer: ProgramLayer, tree: string): Promise<string> {
  await mkdir(join(tree, "tmp"), { recursive: true });
  await chmod(join(tree, "tmp"), 0o1777);
  await mkdir(dirname(join(tree, layer.path)), { recursive: true });
  await copyFile(program(layer.program), join(tree, layer.path));
  await chmod(join(tree, layer.path), 0o755);
  return ".";
}
