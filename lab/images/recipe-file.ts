import { readFileSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sourceDir } from "../paths.ts";
import type { RecipeFile } from "./recipes.ts";

/** What a recipe's file holds. */
export function contentOf(file: RecipeFile): Buffer {
  return file.source === undefined
    ? Buffer.from(file.text ?? "")
    : readFileSync(sourceDir("images", "files", file.source));
}

/** Writes one file of a recipe into a tree. */
export async function writeRecipeFile(tree: string, file: RecipeFile): Promise<void> {
  const path = join(tree, file.path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contentOf(file));
  await chmod(path, file.mode ?? 0o644);
}

/** The pinned Python packages of a wheel layer. */
export function lockFile(name: string): string {
  return sourceDir("images", "locks", `${name}.txt`);
}
