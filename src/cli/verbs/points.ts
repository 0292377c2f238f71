import { Command } from "commander";
import { kindResource } from "../../api/index.ts";
import { formatBytes, formatDuration } from "../../base/sizes.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { needInstalled, withClient } from "../connection.ts";
import { age, type Format, parseFormat, print, table } from "../output.ts";
import { placeHelp } from "../place.ts";
import { withPlace } from "../with-place.ts";

interface Row {
  readonly name: string;
  readonly point: string;
  readonly type: string;
  readonly plan: string;
  readonly cluster: string;
  readonly at: string;
  readonly added: number;
  readonly duration: string;
  readonly findings: number;
}

export function pointsVerb(): Command {
  return new Command("points")
    .option("--from <target>", placeHelp)
    .option("--key-file <file>", "key of the target")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (options: { from?: string; keyFile?: string; output: Format }, command: Command) => {
      const rows = options.from ? await onTarget(command, options.from, options.keyFile) : await inCluster(command);
      rows.sort((a, b) => b.at.localeCompare(a.at));
      print(rows, options.output, () => (rows.length === 0 ? "no recovery points" : text(rows)));
    });
}

async function inCluster(command: Command): Promise<Row[]> {
  return withClient(command, async (client) => {
    await needInstalled(client, "name the target: holdfast points --from DIR");
    return [...(await shown(client, "ClusterBackup")), ...(await shown(client, "Backup"))];
  });
}

async function shown(client: KubeClient, kind: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { object } of client.list(kindResource(kind))) {
    const { status } = object;
    if (!status?.point) continue;
    rows.push({
      name: object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name,
      point: status.point.id,
      type: object.spec.type,
      plan: status.point.plan,
      cluster: status.point.cluster,
      at: status.completionTimestamp ?? "",
      added: status.size ?? 0,
      duration: status.duration ?? "",
      findings: status.findings?.length ?? 0,
    });
  }
  return rows;
}

async function onTarget(command: Command, from: string, keyFile: string | undefined): Promise<Row[]> {
  return withPlace(command, from, keyFile, async ({ store }) => {
    const rows: Row[] = [];
    for await (const point of store.points()) rows.push(rowOf(point));
    return rows;
  });
}

function rowOf(point: RecoveryPoint): Row {
  return {
    name: point.backup.namespace ? `${point.backup.namespace}/${point.backup.name}` : point.backup.name,
    point: point.id,
    type: point.type,
    plan: point.plan.name,
    cluster: point.cluster.uid,
    at: point.completedAt,
    added: point.size.added,
    duration: formatDuration(Date.parse(point.completedAt) - Date.parse(point.startedAt)),
    findings: point.findings.length,
  };
}

function text(rows: readonly Row[]): string {
  return table(
    ["NAME", "POINT", "TYPE", "ADDED", "DURATION", "FINDINGS", "AGE"],
    rows.map((row) => [
      row.name,
      row.point,
      row.type,
      formatBytes(row.added),
      row.duration,
      String(row.findings),
      age(row.at),
    ]),
  );
}
