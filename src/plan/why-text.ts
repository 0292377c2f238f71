import { someOf } from "../base/some-of.ts";
import type { Edge } from "../flow/inventory.ts";
import { refKey } from "../flow/object.ts";
import type { Why } from "./why.ts";

/** The answer for people. `whose`: "a backup of plan x", "recovery point y". */
export function whyText(answer: Why, whose: string): string {
  const { backup, content, path, neededBy, leansOn, chain, carries, restore } = answer;
  const lines = [
    `${refKey(answer.object)} is ${backup.in ? "in" : "NOT in"} ${whose}`,
    `  because       ${backup.reason} (rule ${backup.rule})`,
    ...(content ? [`  content       ${content}`] : []),
    ...pathLines(path),
    ...edgeLines("needed by", neededBy, (edge) => `${edge.from} ${edge.kind} it`),
    ...edgeLines("leans on", leansOn, ({ kind, to, part }) => `${kind} ${to}${part ? `, at ${part}` : ""}`),
    ...(chain
      ? [
          "  the bytes",
          ...chain.words
            .split("\n")
            .slice(1)
            .map((line) => `    ${line}`),
        ]
      : []),
    ...(carries.length > 0 ? [`  carries       ${someOf(carries, most)}`] : []),
    ...(restore
      ? [
          `  a restore     ${restore.action === "create" ? "writes it" : "leaves it out"}: ${restore.reason} (rule ${restore.rule})`,
        ]
      : []),
  ];
  return lines.join("\n");
}

/** From the application down. An owner makes what it owns, however the edge points. */
function pathLines(path: readonly Edge[]): readonly string[] {
  const [first] = path;
  if (!first) return [];
  const start = first.kind === "owns" ? first.to : first.from;
  const steps = path.map((edge, at) => {
    const word = edge.kind === "owns" ? `makes ${edge.from}` : `${edge.kind} ${edge.to}`;
    return `                ${"  ".repeat(at)}-> ${word}  (${edge.rule})`;
  });
  return [`  part of       ${start}`, ...steps];
}

const most = 12;

function edgeLines(title: string, edges: readonly Edge[], words: (edge: Edge) => string): readonly string[] {
  if (edges.length === 0) return [`  ${title.padEnd(13)} nothing known`];
  const shown = edges.slice(0, most).map((edge) => `${words(edge)}  (${edge.rule})`);
  const more = edges.length > most ? [`and ${edges.length - most} more`] : [];
  return [...shown, ...more].map((line, at) => `  ${(at === 0 ? title : "").padEnd(13)} ${line}`);
}
