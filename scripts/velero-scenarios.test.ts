import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const page = readFileSync("docs/reference/velero-scenarios.md", "utf8");

it("every test that the page of Velero's scenarios names is there", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| E"));
  expect(rows.length).toBeGreaterThan(25);
  const missing = rows.flatMap((row) => {
    const files = [...row.matchAll(/`((?:integration|scenarios|lab)\/[a-z/-]+)`((?: (?:to )?"[^"]+")*)/g)];
    return files.flatMap(([, name = "", texts = ""]) => {
      const file = `tests/${name}.test.ts`;
      if (!existsSync(file)) return [file];
      const content = readFileSync(file, "utf8");
      const named = [...texts.matchAll(/"([^"]+)"/g)].map((one) => one[1]!);
      return named.filter((text) => !content.includes(text)).map((text) => `${file}: ${text}`);
    });
  });
  expect(missing).toEqual([]);
});
