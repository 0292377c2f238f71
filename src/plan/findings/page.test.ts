import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { captureFindingTable, restoreFindingTable } from "./later-table.ts";
import { findingsPage } from "./page.ts";
import { findingTable } from "./table.ts";

/** Codes of findings that are written out as literals: `code: "X"` beside a severity. */
function codesInCode(): { readonly code: string; readonly file: string }[] {
  const root = new URL("../../", import.meta.url).pathname;
  return globSync("**/*.ts", { cwd: root, exclude: ["**/*.test.ts"] }).flatMap((file) => {
    const text = readFileSync(`${root}${file}`, "utf8");
    return [...text.matchAll(/code: "([A-Z_]+)",\s*severity:/g)].map((match) => ({ code: match[1] ?? "", file }));
  });
}

describe("the reference page of findings", () => {
  it("knows every code that any stage gives", () => {
    const known = new Set(
      [findingTable, captureFindingTable, restoreFindingTable].flatMap((table) => Object.keys(table)),
    );
    const found = codesInCode();
    expect(found.length).toBeGreaterThan(5);
    expect(found.filter(({ code }) => !known.has(code))).toEqual([]);
  });

  it("has one row for each code", () => {
    const page = findingsPage();
    for (const code of Object.keys({ ...findingTable, ...captureFindingTable, ...restoreFindingTable })) {
      expect(page.split(`| \`${code}\` |`)).toHaveLength(2);
    }
  });
});
