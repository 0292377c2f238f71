import { Command, Option } from "commander";
import { kindResource } from "../../api/index.ts";
import { Fault } from "../../base/fault.ts";
import { formatBytes, formatDuration } from "../../base/sizes.ts";
import type { NamespaceChoice } from "../../flow/backup-scope.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { runBackup } from "../../run/backup.ts";
import { checkScope, scopeOfNames } from "../../run/scope.ts";
import { needInstalled, withClient } from "../connection.ts";
import { followRun } from "../follow.ts";
import { localRun } from "../local-run.ts";
import { freshName, planNameOf } from "../names.ts";
import { kindSelectors } from "../object-words.ts";
import { collect, type Format, parseFormat, print } from "../output.ts";
import { placeHelp } from "../place.ts";
import { shellWord } from "../words.ts";

interface Options {
  type: "Full" | "Incremental";
  name?: string;
  follow?: boolean;
  namespace?: string[];
  to?: string;
  keyFile?: string;
  image?: string;
  planName?: string;
  include?: string[];
  exclude?: string[];
  keepRelated?: boolean;
  output: Format;
}

export function backupVerb(): Command {
  return new Command("backup")
    .argument("[plan]", "ClusterBackupPlan, or NAMESPACE/BackupPlan")
    .addOption(
      new Option("--type <type>", "Full reads every byte again, Incremental what changed")
        .choices(["Full", "Incremental"])
        .default("Incremental"),
    )
    .option("--name <name>", "name of the new backup (default: the plan's name and the time)")
    .option("-f, --follow", "show progress until it has ended; the exit code is the outcome")
    .option(
      "-n, --namespace <namespace>",
      "without operator: a namespace to protect, wildcards allowed; more of them by commas, or the flag again",
      collect,
    )
    .option(
      "--include <kind/name>",
      "without operator: only such objects: KIND, KIND.GROUP/NAME, wildcards allowed",
      collect,
    )
    .option("--exclude <kind/name>", "without operator: not such objects; wins over --include", collect)
    .option("--keep-related", "without operator: keep what chosen objects lean on, although it is left out")
    .option("--to <target>", `without operator: ${placeHelp}`)
    .option("--plan-name <name>", "without operator: the name under which points are kept (default: the namespaces)")
    .option("--key-file <file>", "key of the target (default: ~/.config/holdfast/<id>.key, made at first use)")
    .option("--image <image>", "image of the mover pods (default: $HOLDFAST_IMAGE, or that of the operator)")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (plan: string | undefined, options: Options, command: Command) => {
      checkWords(plan, options);
      await withClient(command, (client) => (plan ? byPlan(client, plan, options) : inProcess(client, options)));
    });
}

function checkWords(plan: string | undefined, { to, namespace, include, exclude, keepRelated }: Options): void {
  if (plan && (to || namespace || include || exclude || keepRelated)) {
    throw new Fault("USAGE", `"${plan}" is a plan of the cluster: it says itself what it protects, and where`, {
      hint: `holdfast backup ${plan}, or without a plan: holdfast backup -n NAMESPACE,NAMESPACE --to DIR`,
    });
  }
  if (!plan && !(to && namespace?.length)) {
    throw new Fault("USAGE", "name a plan, or namespaces and a target", {
      hint: "holdfast backup PLAN, or holdfast backup -n NAMESPACE --to DIR",
    });
  }
}

async function byPlan(client: KubeClient, plan: string, options: Options): Promise<void> {
  await needInstalled(client, "kubectl apply -f deploy/install.yaml, or holdfast backup -n NAMESPACE --to DIR");
  const [first = "", second] = plan.split("/");
  const [namespace, planName] = second === undefined ? [undefined, first] : [first, second];
  const kind = namespace ? "Backup" : "ClusterBackup";
  const planKind = namespace ? "BackupPlan" : "ClusterBackupPlan";
  if (!(await client.find(kindResource(planKind), planName, namespace))) {
    throw new Fault("NOT_FOUND", `there is no ${planKind} ${plan}`, {
      hint: "kubectl get clusterbackupplans,backupplans -A",
    });
  }
  const name = options.name ?? freshName(planName);
  const created = await client.create(kindResource(kind), {
    apiVersion: "holdfast.dev/v1alpha1",
    kind,
    metadata: { name, ...(namespace ? { namespace } : {}) },
    spec: {
      type: options.type,
      ...(namespace ? { backupPlan: { name: planName } } : { clusterBackupPlan: { name: planName } }),
    },
  });
  const full = namespace ? `${namespace}/${name}` : name;
  process.stderr.write(`${kind.toLowerCase()} ${full} created\n`);
  if (options.follow) return followRun(client, kind, name, namespace, options.output);
  print(created, options.output, () => `look at it: holdfast describe ${full}`);
}

async function inProcess(client: KubeClient, options: Options): Promise<void> {
  const { to = "", namespace: namespaces = [], keyFile, image, type, output } = options;
  const started = Date.now();
  const planName = options.planName ?? planNameOf(namespaces);
  const scope = scopeOfNames(namespaces, (name) => filtersOf(options, name));
  await checkScope(client, scope); // first: a target that does not exist yet is made, with a key
  const place = { place: to, create: true, ...(keyFile ? { keyFile } : {}), ...(image ? { image } : {}) };
  const point = await localRun(client, place, (deps, run) =>
    runBackup(deps, {
      run,
      plan: { kind: "ClusterBackupPlan", name: planName, uid: "" },
      backup: { kind: "ClusterBackup", name: options.name ?? freshName(planName), uid: run },
      type,
      ...scope,
      ...(options.keepRelated ? { keepRelated: true } : {}),
      clusterName: client.context,
    }),
  );
  print(point, output, () => pointText(point, to, Date.now() - started));
}

function filtersOf({ include, exclude }: Options, namespace: string): Pick<NamespaceChoice, "include" | "exclude"> {
  return {
    ...(include ? { include: { gvkSelector: kindSelectors(include, namespace, "--include") } } : {}),
    ...(exclude ? { exclude: { gvkSelector: kindSelectors(exclude, namespace, "--exclude") } } : {}),
  };
}

function pointText(point: RecoveryPoint, to: string, milliseconds: number): string {
  const objects = point.namespaces.flatMap((one) => one.objects.kinds).reduce((sum, kind) => sum + kind.count, 0);
  const volumes = point.namespaces.flatMap((one) => one.volumes).length;
  return [
    `recovery point ${point.id}`,
    `  ${objects} objects, ${volumes} volumes, ${point.buckets.flatMap((one) => one.objects).length} bucket objects, ${point.databases.length} databases held`,
    `  ${formatBytes(point.size.total)} protected, ${formatBytes(point.size.added)} added, ${formatDuration(milliseconds)}; fence ${formatDuration(point.fence.milliseconds)}`,
    `  ${point.findings.length === 0 ? "no findings" : `${point.findings.length} to look at: holdfast describe ${point.id} --from ${shellWord(to)}`}`,
  ].join("\n");
}
