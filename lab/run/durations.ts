import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cacheDir } from "../paths.ts";

/** Seconds that a part's build or up took the last time, here. */
export type Durations = Record<string, number>;

const file = () => cacheDir("durations.json");

export function readDurations(): Durations {
  try {
    return JSON.parse(readFileSync(file(), "utf8")) as Durations;
  } catch {
    return {};
  }
}

export function writeDurations(durations: Durations): void {
  mkdirSync(cacheDir(), { recursive: true });
  writeFileSync(`${file()}.new`, JSON.stringify(durations, undefined, 2));
  renameSync(`${file()}.new`, file());
}
