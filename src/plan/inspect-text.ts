import { formatBytes, formatDuration } from "../base/sizes.ts";
import type { Finding } from "../base/finding.ts";
import type { Report } from "./report.ts";

/** A Report for people: what is here, what a disaster would take now, what is out of reach and what to do. */
export function inspectText(report: Report): string {
  const { objects } = report;
  const lines = [
    `Namespaces ${report.namespaces.join(", ")} (Kubernetes ${report.cluster.version})`,
    "",
    ...section(
      "Endpoints",
      ["NAME", "FORMAT", "RUNTIME", "WEIGHTS", "STATE"],
      report.endpoints.map((one) => [one.name, one.format, one.runtime, one.weights, one.state]),
    ),
    ...section(
      "Model registries",
      ["NAME", "DATABASE", "STATE"],
      report.registries.map((one) => [one.name, one.database, one.state]),
    ),
    ...section(
      "Workbenches",
      ["NAME", "VOLUMES", "STATE"],
      report.workbenches.map((one) => [one.name, one.volumes.join(", "), one.state]),
    ),
    ...section(
      "Databases",
      ["POD", "ENGINE", "DATABASES", "HELD BY", "VOLUMES"],
      report.databases.map((one) => [one.id, one.engine, one.databases.join(", "), one.hold, one.volumes.join(", ")]),
    ),
    ...section(
      "Volumes",
      ["CLAIM", "SIZE", "CLASS", "READ BY", "USED BY"],
      report.volumes.map((one) => [one.id, formatBytes(one.size), one.storageClass, readings[one.reading], one.usedBy]),
    ),
    ...section(
      "Buckets",
      ["BUCKET", "CLAIM", "PROTECTED"],
      report.buckets.map((one) => [one.id, one.claim, protectedPart(one.prefixes)]),
    ),
    `Objects: ${objects.total} of ${objects.kinds} kinds; ${objects.restored} come back from a restore, ${objects.leftToControllers} are made again by controllers or the platform; ${objects.clusterScoped} cluster-scoped ones beside them`,
    "",
    ...protectionLines(report),
    "",
    ...findingLines(report.findings),
  ];
  return `${lines.join("\n")}\n`;
}

const readings = { snapshot: "snapshot", live: "live copy", none: "NOT READABLE" } as const;

function protectedPart(prefixes: readonly string[]): string {
  return prefixes.includes("") ? "whole bucket" : prefixes.join(", ");
}

function protectionLines({ protection, namespaces }: Report): readonly string[] {
  const { point, neverCaptured } = protection;
  if (!point)
    return [
      `A disaster now would take everything: no recovery point ${namespaces.length === 1 ? "is known of it" : `holds ${namespaces.join(" and ")} together`}.`,
    ];
  const first = `A disaster now would take the changes of the last ${formatDuration(point.ageMs)}: the newest recovery point is ${point.id}.`;
  return neverCaptured.length === 0
    ? [first]
    : [first, `And what no recovery point holds: ${neverCaptured.join(", ")}.`];
}

function findingLines(findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return ["Nothing is out of reach."];
  return [
    "Findings",
    ...findings.flatMap((one) => [
      `  ${one.severity.padEnd(7)} ${one.code}  ${one.subject}`,
      `          ${one.message}`,
      `          -> ${one.advice}`,
    ]),
  ];
}

/** A titled table with aligned columns; nothing where there are no rows. */
function section(title: string, header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const table = [header, ...rows.map((row) => row.map((cell) => cell || "-"))];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const format = (row: readonly string[]) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd();
  return [`${title} (${rows.length})`, ...table.map(format), ""];
}
