import { Command } from "commander";
import { kindResource } from "../../api/index.ts";
import { Fault, toFault } from "../../base/fault.ts";
import type { RestoreReport } from "../../flow/restore-plan.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { systemNamespace } from "../../movers/contract.ts";
import { optionsOf } from "../../plan/saved/follow.ts";
import type { SavedPlan } from "../../plan/saved/saved-plan.ts";
import { restorePlanText, restoreReportText, withoutSecrets } from "../../plan/restore-text.ts";
import { findPoint } from "../../run/backup.ts";
import { dryRunRestore, forgetRestore, runRestore } from "../../run/restore.ts";
import { readRestoreOptions } from "../../run/transform-sets.ts";
import { needInstalled, withClient } from "../connection.ts";
import { findRun } from "../find-run.ts";
import { followRun } from "../follow.ts";
import { localRun, type LocalRunOptions } from "../local-run.ts";
import { freshName } from "../names.ts";
import { collect, type Format, parseFormat, print, printLong } from "../output.ts";
import { readPlanFile, savePlanFile } from "../plan-file.ts";
import { placeHelp } from "../place.ts";
import { checkFlags, checkPlanFlags, orderOf, restoreObject, type RestoreWords } from "../restore-order.ts";
import { asFlags, shellWord } from "../words.ts";

interface Options extends RestoreWords {
  from?: string;
  keyFile?: string;
  image?: string;
  dryRun?: boolean;
  save?: string;
  plan?: string;
  follow?: boolean;
  name?: string;
  output: Format;
}

export function restoreVerb(): Command {
  return new Command("restore")
    .argument("[point]", "a ClusterBackup of the cluster (or NAMESPACE/Backup), or with --from the id of a point")
    .option("--from <target>", `without operator: ${placeHelp}`)
    .option(
      "-n, --namespace <namespace>",
      "only this namespace of the point; more by commas, or the flag again",
      collect,
    )
    .option("--map <from=to>", "restore a namespace under another name", collect)
    .option("--include <kind/name>", "only such objects, wildcards allowed; written as for --exclude", collect)
    .option("--exclude <kind/name>", "leave out objects: KIND, KIND.GROUP/NAME, NAMESPACE:KIND/NAME", collect)
    .option("--storage-class <from=to>", "a storage class of the point -> of this cluster", collect)
    .option("--image-registry <from=to>", "a registry (or registry/path) of the point -> the one to use here", collect)
    .option("--host <from=to>", "a host or domain of the point -> the one to use here", collect)
    .option("--name-prefix <prefix>", "put before the names of all objects that come back; references follow")
    .option("--transform-set <name>", `a TransformSet: NAMESPACE/NAME, or NAME in ${systemNamespace}`, collect)
    .option(
      "--on-conflict <mode>",
      "what to do with objects that exist: fail, skip, patch, replace or recreate; for some of them MODE=KIND[.GROUP][/NAME]",
      collect,
    )
    .option("--on-volume-conflict <mode>", "claims that exist: keep their data, or replace their content in place")
    .option(
      "--resume <what>",
      "what starts by itself again at the end: schedules that were on, runs that were under way; more by commas",
      collect,
    )
    .option("--skip-existing", "the same as --on-conflict skip: leave objects alone that exist")
    .option("--patch-existing", "the same as --on-conflict patch: give objects that exist the fields of the point")
    .option("--only-data", "volumes and buckets only")
    .option("--only-metadata", "objects only: volumes and buckets come back empty")
    .option(
      "--allow-database-major-change",
      "let a database come up with an image of another major version than its files",
    )
    .option(
      "--include-cluster-resources",
      "also what the namespaces lean on outside of namespaces (definitions, cluster roles, classes, webhooks), where it is missing",
    )
    .option("--dry-run", "print the plan, ask the API server to try each write, and end")
    .option("--save <file>", "with --dry-run: write the plan into a file that can be edited and run by --plan")
    .option("--plan <file>", "do what a saved plan says, as it stands there; no point and no other choices beside it")
    .option("-f, --follow", "show progress until it has ended; the exit code is the outcome")
    .option("--name <name>", "name of the ClusterRestore (default: the point's and the time)")
    .option("--key-file <file>", "key of the target")
    .option("--image <image>", "image of the mover pods (default: $HOLDFAST_IMAGE, or that of the operator)")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (point: string | undefined, options: Options, command: Command) => {
      checkFlags(options);
      const source = await sourceOf(point, options);
      const here = options.from || options.dryRun || source.saved;
      await withClient(command, (client) =>
        here ? inProcess(client, source, options) : byOperator(client, source.text, options),
      );
    });
}

/** What a restore is from: a point that is named, or a plan file that names it. */
interface Source {
  readonly text: string;
  readonly saved?: SavedPlan;
}

async function sourceOf(point: string | undefined, options: Options): Promise<Source> {
  checkPlanFlags(point, options);
  if (!options.plan) return { text: point ?? "" };
  const saved = await readPlanFile(options.plan);
  return { text: saved.point, saved };
}

async function byOperator(client: KubeClient, text: string, options: Options): Promise<void> {
  await needInstalled(client, "name the target: holdfast restore POINT --from DIR");
  const backup = await findRun(client, text);
  if (!backup.kind.endsWith("Backup"))
    throw new Fault("USAGE", `${text} is a ${backup.kind}`, { hint: "kubectl holdfast points" });
  const name = options.name ?? freshName(backup.metadata.name);
  const restore = orderOf(backup, restoreObject(name, pointOf(backup).namespaces, options));
  const { namespace } = restore.metadata;
  const full = namespace ? `${namespace}/${name}` : name;
  const created = await client.create(kindResource(restore.kind), restore);
  process.stderr.write(`${restore.kind.toLowerCase()} ${full} created\n`);
  if (options.follow) return followRun(client, restore.kind, name, namespace, options.output);
  print(created, options.output, () => `look at it: holdfast describe ${full}`);
}

interface PointRef {
  readonly namespaces: readonly string[];
  readonly target: { readonly name: string; readonly namespace: string };
  readonly location: string;
  readonly id: string;
}

function pointOf(backup: KubeObject): PointRef {
  const where = backup.status?.point;
  if (!where) {
    throw new Fault(
      "INVALID",
      `${backup.kind} ${backup.metadata.name} is ${backup.status?.status ?? "not started"}: it has no recovery point`,
      { hint: "holdfast points" },
    );
  }
  return { ...where, namespaces: where.namespaces ?? [] };
}

async function inProcess(client: KubeClient, source: Source, options: Options): Promise<void> {
  const { saved } = source;
  const { place, id } = await whereIs(client, source.text, saved ? { from: saved.target, ...options } : options);
  await localRun(client, place, async (deps, run) => {
    const point = await findPoint(deps.target, id);
    const namespaces = point.namespaces.map((one) => one.name);
    const asked = () => readRestoreOptions(deps.client, restoreObject("in-process", namespaces, options), point);
    const wanted = { run, point, ...(saved ? { options: optionsOf(saved), saved } : { options: await asked() }) };
    if (options.dryRun) {
      const plan = await dryRunRestore({ ...deps, progress: { ...deps.progress, finding() {} } }, wanted); // the plan holds them
      if (options.save) {
        await savePlanFile(options.save, plan, wanted.options, place.place);
        process.stderr.write(`saved as ${options.save}; run it: holdfast restore --plan ${shellWord(options.save)}\n`);
      }
      return await printLong(withoutSecrets(plan), options.output, () => asFlags(restorePlanText(plan)));
    }
    try {
      const { report } = await runRestore(deps, wanted);
      await printLong(report, options.output, () => asFlags(restoreReportText(report)));
      failIfIncomplete(report);
    } finally {
      // Nobody takes up a run of this process: a second one finds what the first one did.
      await forgetRestore(client, run).catch((error) => deps.progress.note(toFault(error).message));
    }
  });
}

/** The target and point id of what was named: on `--from`, or of a backup of the cluster (for a dry run). */
async function whereIs(
  client: KubeClient,
  text: string,
  { from, keyFile, image, dryRun }: Options,
): Promise<{ place: LocalRunOptions; id: string }> {
  const common = { ...(keyFile ? { keyFile } : {}), ...(image ? { image } : {}), readOnly: dryRun ?? false };
  if (from) return { place: { place: from, ...common }, id: text };
  const { target, id } = pointOf(await findRun(client, text));
  return { place: { place: `${target.name}.${target.namespace}`, ...common }, id };
}

function failIfIncomplete(report: RestoreReport): void {
  if (report.stopped) {
    throw new Fault("CANCELLED", `the restore was ${report.stopped}; what is done stays, and nothing is half done`, {
      hint: "the same command goes on from here",
    });
  }
  const failed = [
    ...report.outcomes.filter((one) => one.result === "failed").map((one) => `${one.ref.kind} ${one.ref.name}`),
    ...[...report.volumes, ...report.buckets].filter((one) => one.result === "failed").map((one) => one.id),
  ];
  if (failed.length > 0)
    throw new Fault("RESTORE", `${failed.length} parts did not come back: ${failed.slice(0, 5).join(", ")}`);
}
