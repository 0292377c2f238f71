import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A script and everything of ours that it imports, so that a process is restarted when any of it changed. */
export function sourcesOf(script: string, seen: Set<string> = new Set()): string[] {
  if (seen.has(script)) return [];
  seen.add(script);
  const imports = [...readFileSync(script, "utf8").matchAll(/from "(\.[^"]+\.ts)"/g)];
  for (const [, path = ""] of imports) sourcesOf(join(dirname(script), path), seen);
  return [...seen].sort();
}
