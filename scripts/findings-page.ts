/** Writes docs/reference/findings.md from the tables of findings. With --check: fails where it is stale. */
import { readFileSync, writeFileSync } from "node:fs";
import { findingsPage } from "../src/plan/findings/page.ts";

const path = new URL("../docs/reference/findings.md", import.meta.url).pathname;
const page = findingsPage();
if (!process.argv.includes("--check")) {
  writeFileSync(path, page);
} else if (readFileSync(path, "utf8") !== page) {
  console.error("docs/reference/findings.md is stale: run scripts/with-node node scripts/findings-page.ts");
  process.exitCode = 1;
}
