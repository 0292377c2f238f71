import { formatBytes } from "../../base/sizes.ts";
import { style } from "./html-style.ts";
import type { Fault, Loss, Note, Report } from "./report.ts";
import { objectsLine, type Table, tablesOf } from "./tables.ts";
import { count, lossTitles, protectionLines, sentence, shownOf, withoutCommand } from "./words.ts";

/** A Report as one page that stands alone: to be sent, printed, or put where there is no network. */
export function inspectHtml(report: Report, version: string): string {
  const { cluster, verdict, takenAt, namespaces } = report;
  const title = `What would be lost: ${cluster.name ?? "this cluster"}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="robots" content="noindex">
<title>${escape(title)}</title>
<style>${style}
</style>
</head>
<body>
<main>
<header>
<h1>${escape(title)}</h1>
<p class="soft">${escape(`${report.isWholeCluster ? "All namespaces that hold a piece of an AI platform" : "Namespaces"}: ${namespaces.join(", ")}. Kubernetes ${cluster.version}, looked at ${timeText(takenAt)}.`)}</p>
</header>
<section class="verdict ${verdict.level}">
<p class="soft">If this cluster died now</p>
<p>${escape(sentence(verdict.text))}</p>
<p class="now soft">A recovery point now</p>
${command([report.protection.command])}
</section>
${counts(report)}
${faults(report.faults)}
<h2>What protects it</h2>
${protectionLines(report).map(paragraph).join("\n")}
<h2>What is here</h2>
${tablesOf(report).map(table).join("\n")}
${paragraph(`${objectsLine(report)}.`)}
${notes(report.notes)}
<footer>${escape(`holdfast ${version}, from the cluster's API alone. Nothing was changed. Times are UTC.`)}</footer>
</main>
</body>
</html>
`;
}

const signs: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Names come from the cluster, where anybody may have chosen them. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => signs[sign] ?? "");
}

function timeText(time: string): string {
  return time.replace("T", " ").replace(/:\d\d(\.\d+)?Z$/, " UTC");
}

function paragraph(text: string): string {
  return `<p>${escape(text)}</p>`;
}

function command(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `<pre>${lines.map((one) => `<code>${escape(one)}</code>`).join("\n")}</pre>`;
}

/** The numbers that a person wants to see first. */
function counts({ endpoints, workbenches, databases, volumes, buckets, faults: all }: Report): string {
  const listed = buckets.flatMap(({ size }) => ("bytes" in size ? size.bytes : []));
  const sum = (sizes: readonly number[]) => formatBytes(sizes.reduce((total, one) => total + one, 0));
  const counted = (many: readonly unknown[], one: string, more?: string) =>
    [String(many.length), count(many.length, one, more).replace(/^\d+ /, "")] as const;
  const cells = [
    counted(endpoints, "endpoint"),
    counted(workbenches, "workbench", "workbenches"),
    counted(databases, "database"),
    [sum(volumes.map((one) => one.size)), `in ${count(volumes.length, "volume")}`] as const,
    listed.length > 0 ? ([sum(listed), `in ${count(listed.length, "bucket")}`] as const) : counted(buckets, "bucket"),
    counted(all, "fault"),
  ];
  return `<ul class="counts">${cells.map(([number, name]) => `<li><b>${escape(number)}</b><span>${escape(name)}</span></li>`).join("")}</ul>`;
}

function faults(all: readonly Fault[]): string {
  if (all.length === 0)
    return `<h2>Out of reach</h2>\n${paragraph("Nothing: a backup of these namespaces holds all of it.")}`;
  const groups = (Object.entries(lossTitles) as [Loss, string][]).flatMap(([loss, title]) => {
    const { shown, more } = shownOf(all.filter((one) => one.loss === loss));
    if (shown.length === 0) return [];
    const list = `<ol class="faults">${shown.map(item).join("\n")}</ol>`;
    return [`<h3 class="${loss}">${escape(title)}</h3>`, list, ...more.map(paragraph)];
  });
  return `<h2>What a backup would not bring back</h2>\n${groups.join("\n")}`;
}

function item({ subject, code, message, advice, commands }: Note): string {
  return `<li><span class="subject">${escape(subject)}</span><span class="code">${escape(code)}</span>
${paragraph(sentence(message))}
<p class="soft">${escape(sentence(withoutCommand(advice, commands)))}</p>
${command(commands)}</li>`;
}

function table({ title, header, rows, count: all }: Table): string {
  const head = header.map((one) => `<th>${escape(one)}</th>`).join("");
  const looks = (text: string) => (text === "never" ? ' class="never"' : text.length > 28 ? ' class="long"' : "");
  const cell = (text: string) => `<td${looks(text)}>${escape(text || "-")}</td>`;
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  return `<h3>${escape(`${title} (${all})`)}</h3>
<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>
${body}
</tbody></table></div>`;
}

function notes(all: readonly Note[]): string {
  return all.length === 0 ? "" : `<h2>Good to know</h2>\n<ol class="faults">${all.map(item).join("\n")}</ol>`;
}
