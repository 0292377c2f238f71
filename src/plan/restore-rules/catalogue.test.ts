import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "./catalogue.ts";
import { restoreRulesPage, fileOf } from "./page.ts";

const root = join(import.meta.dirname, "../../..");

function titlesOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/\bit(?:\.\w+\([^)]*\))?\(\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
}

/** "1, 28: nothing that ..." is of the rules 1 and 28. */
function isOf(title: string, id: string): boolean {
  const [head = ""] = title.split(":");
  return head
    .split(",")
    .map((one) => one.trim())
    .includes(id);
}

describe("the catalogue of rules", () => {
  it("has the thirty, each once, and what came beside them", () => {
    const ids = catalogue.map((one) => one.id);
    expect(ids.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, index) => String(index + 1)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(catalogue.map((one) => one.name)).size).toBe(ids.length);
  });

  it.each(catalogue.map((one) => [one.id, one] as const))("rule %s is where it says, and has its tests", (id, rule) => {
    for (const path of rule.where) expect(existsSync(join(root, path)), path).toBe(true);
    expect(rule.tests.length).toBeGreaterThan(0);
    for (const test of rule.tests) {
      const words = test.slice(fileOf(test).length + 2);
      const titles = titlesOf(fileOf(test));
      const found = titles.some((title) => (words ? title.startsWith(words) : isOf(title, id)));
      expect(found, test).toBe(true);
    }
  });

  it("makes a page with a row for each", () => {
    const page = restoreRulesPage();
    for (const { name } of catalogue) expect(page).toContain(`| \`${name}\` |`);
  });
});
