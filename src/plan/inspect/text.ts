import { columns } from "../../base/columns.ts";
import { someOf } from "../../base/some-of.ts";
import type { Fault, Loss, Note, Report } from "./report.ts";
import { objectsLine, type Table, tablesOf } from "./tables.ts";
import { inventoryLine, lossTitles, protectionLines, sentence, shownOf, withoutCommand } from "./words.ts";

/** A Report for the terminal, for a tired person at night: the answer first, what to type, and then what is here. */
export function inspectText(report: Report): string {
  const { namespaces, cluster, isWholeCluster, verdict, protection } = report;
  const where = isWholeCluster
    ? `All ${namespaces.length} namespaces that hold a piece of an AI platform: ${someOf(namespaces, 8)}`
    : `Namespaces ${namespaces.join(", ")}`;
  const lines = [
    `${where} (Kubernetes ${cluster.version})`,
    `Here: ${inventoryLine(report)}`,
    "",
    "IF THIS CLUSTER DIED NOW",
    ...wrap(sentence(verdict.text)),
    "  A recovery point now:",
    `    ${protection.command}`,
    "",
    ...faultLines(report.faults),
    "WHAT PROTECTS IT",
    ...protectionLines(report).flatMap((one) => wrap(one)),
    "",
    "WHAT IS HERE",
    ...tablesOf(report).flatMap(tableLines),
    objectsLine(report),
    ...noteLines(report),
  ];
  return `${lines.join("\n")}\n`.replace(control, "");
}

/** What a terminal would obey, in names and fields that anybody may have chosen. */
const control = /[^\P{Cc}\n]/gu;

function faultLines(faults: readonly Fault[]): readonly string[] {
  if (faults.length === 0) return ["Nothing is out of reach.", ""];
  const titles = Object.entries(lossTitles) as [Loss, string][];
  let number = 0;
  return titles.flatMap(([loss, title]) => {
    const { shown, more } = shownOf(faults.filter((one) => one.loss === loss));
    if (shown.length === 0) return [];
    return [
      title,
      ...shown.flatMap((one) => [
        `  ${String(++number).padStart(2)}. ${one.subject}  [${one.code}]`,
        ...wrap(one.message, "      "),
        ...mendLines(one),
      ]),
      ...more.map((one) => `      ${one}`),
      "",
    ];
  });
}

/** The advice, and each command on a line of its own, however long: it is copied as it is. */
function mendLines({ advice, commands }: Note): readonly string[] {
  const said = withoutCommand(advice, commands);
  return [...(said ? wrap(`-> ${said}`, "      ") : []), ...commands.map((one) => `         ${one}`)];
}

function noteLines({ notes }: Report): readonly string[] {
  if (notes.length === 0) return [];
  const lines = notes.flatMap((one) => [...wrap(`${one.code}  ${one.subject}: ${one.message}`), ...mendLines(one)]);
  return ["", "GOOD TO KNOW", ...lines];
}

/** A titled table with aligned columns. */
function tableLines({ title, header, rows, count }: Table): readonly string[] {
  const lines = columns([header, ...rows.map((row) => row.map((cell) => cell || "-"))]);
  return [`${title} (${count})`, ...lines.map((line) => `  ${line}`), ""];
}

/** Lines of at most 110 letters; a longer word stays whole. */
function wrap(text: string, indent = "  "): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && indent.length + line.length + 1 + word.length > 110) {
      lines.push(indent + line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, indent + line];
}
