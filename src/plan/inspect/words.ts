/** Words that the terminal and the page have in common. */
import { formatBytes, formatDuration } from "../../base/sizes.ts";
import type { BucketSize, Fault, Loss, PlanLine, Report } from "./report.ts";

export const lossTitles: Readonly<Record<Loss, string>> = {
  lost: "Lost for good: no backup of these namespaces holds it",
  broken: "Broken now, and broken after a restore",
  doubtful: "In doubt: it may come back torn, or as something else",
};

/** Faults of one kind that are told one by one; a person reads no further, and a program takes -o json. */
const mostAlike = 12;

/** The faults of a group that are shown, and a line for each kind of which there are more. */
export function shownOf(group: readonly Fault[]): {
  readonly shown: readonly Fault[];
  readonly more: readonly string[];
} {
  const kinds = [...Map.groupBy(group, (one) => one.code)];
  return {
    shown: kinds.flatMap(([, some]) => some.slice(0, mostAlike)),
    more: kinds.flatMap(([code, some]) =>
      some.length > mostAlike
        ? [`and ${some.length - mostAlike} more of ${code}: holdfast inspect -o json names them`]
        : [],
    ),
  };
}

export const readings = { snapshot: "snapshot", live: "live copy", none: "NOT READABLE" } as const;

export function sizeText(size: BucketSize): string {
  if ("notListed" in size) return `not listed: ${size.notListed}`;
  const more = size.isPart ? "more than " : "";
  return `${more}${formatBytes(size.bytes)}, ${size.objects} ${size.objects === 1 ? "object" : "objects"}`;
}

export function protectedPart(prefixes: readonly string[]): string {
  return prefixes.includes("") ? "whole bucket" : prefixes.join(", ");
}

/** "2h04m ago", "never". */
export function savedText({ savedAt }: { readonly savedAt?: string }, now: string): string {
  return savedAt ? `${formatDuration(Math.max(0, Date.parse(now) - Date.parse(savedAt)))} ago` : "never";
}

/** "2 endpoints, 1 workbench, 3 volumes (60.0 GiB)". */
export function inventoryLine(report: Report): string {
  const { endpoints, registries, pipelines, workbenches, jobs, databases, volumes, buckets } = report;
  const capacity = volumes.reduce((sum, one) => sum + one.size, 0);
  const stored = buckets.flatMap(({ size }) => ("bytes" in size ? size.bytes : []));
  const parts = [
    count(endpoints.length, "endpoint"),
    count(registries.length, "model registry", "model registries"),
    count(pipelines.length, "pipeline server"),
    count(workbenches.length, "workbench", "workbenches"),
    count(jobs.unfinished.length + jobs.more, "unfinished job"),
    count(databases.length, "database"),
    withBytes(count(volumes.length, "volume"), capacity),
    withBytes(
      count(buckets.length, "bucket"),
      stored.reduce((sum, one) => sum + one, 0),
    ),
  ].filter((one) => !one.startsWith("0 "));
  return parts.length > 0 ? parts.join(", ") : "no piece of an AI platform";
}

function withBytes(text: string, bytes: number): string {
  return bytes > 0 ? `${text} (${formatBytes(bytes)})` : text;
}

/** "1 volume", "2 volumes". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

export function planText({ kind, name, target, state }: PlanLine): string {
  return `${kind} ${name} to ${target}${state && state !== "Available" ? ` (${state})` : ""}`;
}

/** The advice, less the command that is shown beneath it. */
export function withoutCommand(advice: string, commands: readonly string[]): string {
  const last = commands.at(-1) ?? "";
  return last && advice.endsWith(last) ? advice.slice(0, -last.length).replace(/[:;]? *$/, "") : advice;
}

/** With a capital, unless it begins with a name, and a full stop. */
export function sentence(text: string): string {
  const first = /^[a-z]+(?=[ ,;])/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.:]$/.test(first) || first === "" ? first : `${first}.`;
}

/** What protects it, in sentences. */
export function protectionLines({ protection, namespaces }: Report): readonly string[] {
  const { plans, point, unplanned, neverCaptured, unread } = protection;
  const lines: string[] = [];
  if (plans.length === 0) lines.push("No plan protects any of it: backups happen when somebody thinks of them.");
  for (const plan of plans) lines.push(`Plan: ${planText(plan)}, namespaces ${plan.namespaces.join(", ")}.`);
  if (plans.length > 0 && unplanned.length > 0) lines.push(`In no plan: ${unplanned.join(", ")}.`);
  if (unread) lines.push(`Recovery points that could not be read: ${unread}.`);
  if (point) {
    const grade = point.grade ? `, consistency ${point.grade}` : "";
    const doubts = point.findings > 0 ? `, ${point.findings} findings to look at` : "";
    lines.push(
      `Newest recovery point: ${point.id} on ${point.target}, ${formatDuration(point.ageMs)} old${grade}${doubts}.`,
    );
    if (neverCaptured.length > 0) lines.push(`In no recovery point: ${neverCaptured.join(", ")}.`);
  } else if (!unread) {
    lines.push(
      namespaces.length === 1
        ? "No recovery point is known of it."
        : `No recovery point holds ${namespaces.length > 4 ? "all of these namespaces" : namespaces.join(" and ")} together.`,
    );
  }
  return lines;
}
