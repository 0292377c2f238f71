import { captureFindingTable, restoreFindingTable } from "./later-table.ts";
import { type FindingEntry, findingTable } from "./table.ts";

/** docs/reference/findings.md: every code, what it means and what to do. Pure. */
export function findingsPage(): string {
  return [
    "# Findings",
    "",
    "Generated from the tables in `src/plan/findings` by `scripts/generate`; do not edit.",
    "",
    "A finding is something that a person should know. A backup or restore with findings is never silently green. Codes keep their meaning.",
    "",
    ...part("Of what is in the namespaces (`holdfast inspect`, and every backup)", findingTable),
    ...part("Of a running backup", captureFindingTable),
    ...part("Of a restore", restoreFindingTable),
  ].join("\n");
}

function part(title: string, table: Readonly<Record<string, FindingEntry>>): readonly string[] {
  const rows = Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1));
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
  return [
    `## ${title}`,
    "",
    "| Code | Severity | Means | What to do |",
    "| --- | --- | --- | --- |",
    ...rows.map(([code, one]) => `| \`${code}\` | ${one.severity} | ${cell(one.means)} | ${cell(one.advice)} |`),
    "",
  ];
}
