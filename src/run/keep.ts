import { tmpdir } from "node:os";
import { openShelf } from "../base/shelf.ts";
import { type Keep, keepOn } from "../flow/kept.ts";

/**
 * Where the objects of a run lie, as long as its process lives: compressed in memory, and what is too much for that in a
 * sealed file without a name in the directory for temporary files (a disk, in pods).
 */
export function keepForRun(): Keep {
  return keepOn(openShelf({ directory: tmpdir() }));
}
