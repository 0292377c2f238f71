import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { kindResource } from "../../api/index.ts";
import { Fault } from "../../base/fault.ts";
import { randomId } from "../../base/ids.ts";
import { formatBytes, formatDuration } from "../../base/sizes.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { runBackup } from "../../run/backup.ts";
import { clientOf, isInstalled, untilInterrupted } from "../connection.ts";
import { followRun } from "../follow.ts";
import { localMovers } from "../local-movers.ts";
import { type Format, parseFormat, print } from "../output.ts";
import { openPlace, placeHelp } from "../place.ts";
import { terminalProgress } from "../terminal.ts";

interface Options {
  type: "Full" | "Incremental";
  name?: string;
  follow?: boolean;
  namespace?: string[];
  to?: string;
  keyFile?: string;
  image?: string;
  planName?: string;
  output: Format;
}

export function backupVerb(): Command {
  return new Command("backup")
    .description("Take a backup: by a plan of the cluster, or without an operator of namespaces into a directory or bucket")
    .argument("[plan]", "ClusterBackupPlan, or NAMESPACE/BackupPlan")
    .addOption(new Option("--type <type>", "Full reads every byte again, Incremental what changed").choices(["Full", "Incremental"]).default("Incremental"))
    .option("--name <name>", "name of the new backup (default: the plan's name and the time)")
    .option("-f, --follow", "show progress until it has ended; the exit code is the outcome")
    .option("-n, --namespace <namespace...>", "without operator: the namespaces to protect together")
    .option("--to <target>", `without operator: ${placeHelp}`)
    .option("--plan-name <name>", "without operator: the name under which points are kept (default: the namespaces)")
    .option("--key-file <file>", "key of the target (default: ~/.config/holdfast/<id>.key, made at first use)")
    .option("--image <image>", "image of the mover pods (default: $HOLDFAST_IMAGE)")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (plan: string | undefined, options: Options, command: Command) => {
      const client = await clientOf(command);
      try {
        if (options.to) return await inProcess(client, options, plan);
        if (!plan) throw new Fault("USAGE", "name a plan, or namespaces and a target", { hint: "holdfast backup PLAN, or holdfast backup -n NAMESPACE --to DIR" });
        await byPlan(client, plan, options);
      } finally {
        await client.close();
      }
    });
}

async function byPlan(client: KubeClient, plan: string, options: Options): Promise<void> {
  if (!(await isInstalled(client))) {
    throw new Fault("NOT_FOUND", "Holdfast is not installed in this cluster", { hint: "kubectl apply -f deploy/install.yaml, or holdfast backup -n NAMESPACE --to DIR" });
  }
  const [first = "", second] = plan.split("/");
  const [namespace, planName] = second === undefined ? [undefined, first] : [first, second];
  const kind = namespace ? "Backup" : "ClusterBackup";
  await client.get(kindResource(namespace ? "BackupPlan" : "ClusterBackupPlan"), planName, namespace);
  const name = options.name ?? `${planName}-${new Date().toISOString().slice(0, 19).replace(/[^0-9]/g, "")}`;
  await client.create(kindResource(kind), {
    apiVersion: "holdfast.dev/v1alpha1",
    kind,
    metadata: { name, ...(namespace ? { namespace } : {}) },
    spec: { type: options.type, ...(namespace ? { backupPlan: { name: planName } } : { clusterBackupPlan: { name: planName } }) },
  });
  process.stderr.write(`${kind.toLowerCase()} ${name} created\n`);
  if (options.follow) await followRun(client, kind, name, namespace, options.output);
  else process.stderr.write(`follow it: kubectl holdfast describe ${name}\n`);
}

async function inProcess(client: KubeClient, options: Options, plan: string | undefined): Promise<void> {
  const namespaces = options.namespace ?? [];
  if (namespaces.length === 0) throw new Fault("USAGE", "no namespace named", { hint: "holdfast backup -n NAMESPACE --to DIR" });
  const place = await openPlace(options.to ?? "", { client, create: true, ...(options.keyFile ? { keyFile: options.keyFile } : {}) });
  const staging = await mkdtemp(join(tmpdir(), "holdfast-"));
  const progress = terminalProgress();
  const started = Date.now();
  const run = `cli-${randomId(10)}`;
  const planName = options.planName ?? plan ?? namespaces.join("-");
  const movers = await localMovers({ client, place, image: options.image });
  try {
    const point = await runBackup(
      { client, target: place.store, access: place.access, movers, progress, signal: untilInterrupted(), staging },
      {
        run,
        plan: { kind: "ClusterBackupPlan", name: planName, uid: "" },
        backup: { kind: "ClusterBackup", name: options.name ?? `${planName}-${new Date().toISOString().slice(0, 19).replace(/[^0-9]/g, "")}`, uid: run },
        type: options.type,
        namespaces: namespaces.map((name) => ({ name })),
        clusterName: client.context,
      },
    );
    progress.close();
    print(point, options.output, () => pointText(point, Date.now() - started));
  } finally {
    progress.close();
    await rm(staging, { recursive: true, force: true });
    await place.store.close();
  }
}

function pointText(point: RecoveryPoint, milliseconds: number): string {
  const objects = point.namespaces.flatMap((one) => one.objects.kinds).reduce((sum, kind) => sum + kind.count, 0);
  const volumes = point.namespaces.flatMap((one) => one.volumes).length;
  return [
    `recovery point ${point.id}`,
    `  ${objects} objects, ${volumes} volumes, ${point.buckets.flatMap((one) => one.objects).length} bucket objects, ${point.databases.length} databases held`,
    `  ${formatBytes(point.size.total)} protected, ${formatBytes(point.size.added)} added, ${formatDuration(milliseconds)}; fence ${formatDuration(point.fence.milliseconds)}`,
    `  ${point.findings.length === 0 ? "no findings" : `${point.findings.length} findings: holdfast describe ${point.id}`}`,
  ].join("\n");
}
