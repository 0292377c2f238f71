import { Command } from "commander";
import { formatBytes } from "../../base/sizes.ts";
import { consistencyOf } from "../../flow/consistency.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import { consistencyText } from "../../plan/consistency-text.ts";
import { contentLines } from "../../plan/contents-text.ts";
import { ranOnLines } from "../../plan/hardware/text.ts";
import { findPoint } from "../../run/backup.ts";
import { withClient } from "../connection.ts";
import { findRun } from "../find-run.ts";
import { type Format, parseFormat, print, table } from "../output.ts";
import { type Place, placeHelp } from "../place.ts";
import { withPlace } from "../with-place.ts";

export function describeVerb(): Command {
  return new Command("describe")
    .argument("<name>", "ClusterBackup, ClusterRestore, NAMESPACE/NAME; with --from the id of a point")
    .option("--from <target>", placeHelp)
    .option("--key-file <file>", "key of the target")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (name: string, options: { from?: string; keyFile?: string; output: Format }, command: Command) => {
      const { from, keyFile, output } = options;
      if (from) return withPlace(command, from, keyFile, (place) => describePoint(place, name, output));
      await withClient(command, async (client) => {
        const object = await findRun(client, name);
        print(object, output, () => runText(object));
      });
    });
}

async function describePoint(place: Place, name: string, output: Format): Promise<void> {
  const point = await findPoint(place.store, name);
  print({ ...point, consistency: consistencyOf(point) }, output, () => pointText(point));
}

const listTitles = {
  failedData: "Data that did not come back",
  failedResources: "Objects that did not come back",
  rewrites: "Rewritten for a new bucket",
};

function runText(object: KubeObject): string {
  const { status = {}, metadata, kind } = object;
  const rows = [
    ["Name", metadata.name],
    ["Kind", kind],
    ["Status", status.status ?? "Queued"],
    ["Message", status.message ?? ""],
    ["Started", status.startTimestamp ?? ""],
    ["Duration", status.duration ?? ""],
    [kind.endsWith("Restore") ? "Data" : "Added", status.size === undefined ? "" : formatBytes(status.size)],
    [
      "Objects",
      Object.entries(status.outcomes ?? {})
        .map(([result, count]) => `${count} ${result}`)
        .join(", "),
    ],
    ["Namespaces", (status.point?.namespaces ?? []).join(", ")],
    ["Point", status.point?.location ?? ""],
    ["Target", status.point?.target ? `${status.point.target.namespace}/${status.point.target.name}` : ""],
    ["Fence", status.fence ? `${status.fence.milliseconds} ms` : ""],
    ["Consistency", status.consistency ? `${status.consistency.grade}: ${status.consistency.why}` : ""],
  ].filter(([, value]) => value !== "");
  const stages = (status.conditions ?? []).map(
    (one: Record<string, string>) => `  ${one.type?.padEnd(9)} ${one.reason?.padEnd(11)} ${one.message}`,
  );
  const findings = (status.findings ?? []).map(
    (one: Record<string, string>) => `  ${one.severity} ${one.code} ${one.subject}: ${one.message}\n    ${one.advice}`,
  );
  const lists = Object.entries(listTitles).flatMap(([field, title]) =>
    section(
      title,
      (status[field] ?? []).map((one: string) => `  ${one}`),
    ),
  );
  return [
    table(
      ["", ""],
      rows.map(([label, value]) => [`${label}:`, String(value)]),
    ).trim(),
    ...section("Stages", stages),
    ...section("Findings", findings),
    ...lists,
  ].join("\n");
}

function pointText(point: RecoveryPoint): string {
  const volumes = point.namespaces.flatMap((one) => one.volumes);
  return [
    `recovery point ${point.id}  ${point.type}  of ${point.plan.kind} ${point.plan.name}  cluster ${point.cluster.name} (${point.cluster.uid})`,
    `taken ${point.startedAt} to ${point.completedAt}; everything cut within ${point.fence.milliseconds} ms; ${formatBytes(point.size.total)}, ${formatBytes(point.size.added)} added`,
    ...section(
      "Objects",
      point.namespaces.map(
        (one) =>
          `  ${one.name.padEnd(28)} ${one.objects.kinds.reduce((sum, kind) => sum + kind.count, 0)} in ${one.objects.kinds.length} kinds, snapshot ${one.objects.snapshot.slice(0, 8)} of ${one.objects.repository}`,
      ),
    ),
    ...section(
      "Volumes",
      volumes.map(
        (one) =>
          `  ${one.volume.id.padEnd(44)} ${formatBytes(one.bytes).padStart(10)}  ${one.files} files, by ${one.method}, snapshot ${one.snapshot.slice(0, 8)}`,
      ),
    ),
    ...section(
      "Databases",
      point.databases.map(
        (one) =>
          `  ${one.id.padEnd(44)} ${one.engine} ${one.version}, ${one.lock === "journal" ? "not held: whole by its journal" : `${one.lock} held ${one.heldMs} ms`}`,
      ),
    ),
    ...section(
      "Buckets",
      point.buckets.map(
        (one) =>
          `  ${one.bucket.padEnd(44)} ${one.objects.length} objects, ${formatBytes(one.objects.reduce((sum, object) => sum + object.size, 0))}`,
      ),
    ),
    ...section(
      "Weights and checkpoints",
      contentLines(point).map((line) => `  ${line}`),
    ),
    ...section(
      "Ran on",
      ranOnLines(point.hardware ?? {}).map((one) => `  ${one}`),
    ),
    ...section(
      "Consistency",
      consistencyText(consistencyOf(point), point.fence.startedAt).map((one) => `  ${one}`),
    ),
    ...section(
      "Changed while it ran",
      point.skew.map((one) => `  ${one}`),
    ),
    ...section(
      "Findings",
      point.findings.map((one) => `  ${one.severity} ${one.code} ${one.subject}: ${one.message}\n    ${one.advice}`),
    ),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines];
}
