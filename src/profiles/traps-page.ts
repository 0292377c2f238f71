import { type Trap, traps } from "./traps.ts";

/** docs/reference/traps.md: what goes wrong with AI platforms, and what is done about it. Pure. */
export function trapsPage(): string {
  return [
    "# Traps",
    "",
    "Generated from `src/profiles/traps.ts` by `scripts/generate`; do not edit.",
    "",
    "What goes wrong when an AI platform is backed up and restored, and what Holdfast does about it. Findings are explained in",
    "[findings](findings.md), rules in [rules of a restore](restore-rules.md) and in the profiles (`src/profiles`).",
    "",
    ...part("A", "Of the walkthrough with OpenShift AI"),
    ...part("B", "Of backups of AI clusters"),
    ...part("C", "Of the platform's parts"),
  ].join("\n");
}

function part(letter: string, title: string): readonly string[] {
  const rows = traps.filter((one) => one.id.startsWith(letter));
  return [
    `## ${title}`,
    "",
    "| Trap | What happens | What is done | Test |",
    "| --- | --- | --- | --- |",
    ...rows.map((one) => `| ${one.id} | ${one.symptom} | ${doneAbout(one)} | ${one.test ? `\`${one.test}\`` : ""} |`),
    "",
  ];
}

function doneAbout({ told = [], rules = [], cure, outOfReach }: Trap): string {
  const named = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");
  return [
    ...(told.length > 0 ? [`Told: ${named(told)}.`] : []),
    ...(rules.length > 0 ? [`Cured by rule ${named(rules)}.`] : []),
    ...(cure ? [`Cured: ${cure.by} (\`${cure.file}\`).`] : []),
    ...(outOfReach ? [`Out of reach: ${outOfReach}`] : []),
  ].join(" ");
}
