import { catalogue, type CatalogueRule } from "./catalogue.ts";

/** docs/reference/restore-rules.md: every rule, where it is written and what proves it. Pure. */
export function restoreRulesPage(): string {
  return [
    "# Rules of a restore",
    "",
    "Generated from `src/plan/restore-rules/catalogue.ts` by `scripts/generate`; do not edit.",
    "",
    "What a restore does with any object follows from these rules. Each has a test that fails without it, against a real API server",
    "and real controllers of Kubernetes; 22 and 23 need nodes and volumes and are proven on the lab.",
    "",
    "| Rule | Name | What holds | Where | Tests |",
    "| --- | --- | --- | --- | --- |",
    ...catalogue.map(row),
    "",
  ].join("\n");
}

function row({ id, name, says, where, tests }: CatalogueRule): string {
  const files = (paths: readonly string[]) => [...new Set(paths.map(fileOf))].map((path) => `\`${path}\``).join(", ");
  return `| ${id} | \`${name}\` | ${says.replaceAll("|", "\\|")} | ${files(where)} | ${files(tests)} |`;
}

/** "file: words of a title" -> "file". */
export function fileOf(test: string): string {
  return test.split(": ")[0] ?? test;
}
