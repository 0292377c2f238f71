/** A table of GitHub's Markdown. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

export const code = (text: string) => `\`${text}\``;

export function notice(source: string): string {
  return `Generated from ${source} by \`scripts/generate\`; do not edit.`;
}
