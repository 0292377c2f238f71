import { Command } from "commander";
import { kindResource } from "../../api/index.ts";
import { Fault } from "../../base/fault.ts";
import type { RestoreReport } from "../../flow/restore-plan.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { restorePlanText, restoreReportText, withoutSecrets } from "../../plan/restore-text.ts";
import { findPoint } from "../../run/backup.ts";
import { planRestoreRun, runRestore } from "../../run/restore.ts";
import { restoreOptionsOf } from "../../run/specs.ts";
import { isInstalled, withClient } from "../connection.ts";
import { findRun } from "../find-run.ts";
import { followRun } from "../follow.ts";
import { localRun, type LocalRunOptions } from "../local-run.ts";
import { freshName } from "../names.ts";
import { collect, type Format, parseFormat, print } from "../output.ts";
import { placeHelp } from "../place.ts";
import { asFlags } from "../words.ts";

interface Options {
  from?: string;
  keyFile?: string;
  image?: string;
  map?: string[];
  namespace?: string[];
  exclude?: string[];
  skipExisting?: boolean;
  patchExisting?: boolean;
  onlyData?: boolean;
  onlyMetadata?: boolean;
  storageClass?: string[];
  dryRun?: boolean;
  follow?: boolean;
  name?: string;
  output: Format;
}

export function restoreVerb(): Command {
  return new Command("restore")
    .argument("<point>", "a ClusterBackup of the cluster (or NAMESPACE/Backup), or with --from the id of a point")
    .option("--from <target>", `without operator: ${placeHelp}`)
    .option("-n, --namespace <namespace>", "only this namespace of the point; more by commas, or the flag again", collect)
    .option("--map <from=to>", "restore a namespace under another name", collect)
    .option("--exclude <kind/name>", "leave out objects: KIND, KIND.GROUP/NAME, NAMESPACE:KIND/NAME", collect)
    .option("--storage-class <from=to>", "a storage class of the point -> of this cluster", collect)
    .option("--skip-existing", "leave objects alone that exist (without it, one that exists and differs fails)")
    .option("--patch-existing", "give objects that exist the fields of the point; volumes are never written over")
    .option("--only-data", "volumes and buckets only")
    .option("--only-metadata", "objects only: volumes and buckets come back empty")
    .option("--dry-run", "print the plan and end")
    .option("-f, --follow", "show progress until it has ended; the exit code is the outcome")
    .option("--name <name>", "name of the ClusterRestore (default: the point's and the time)")
    .option("--key-file <file>", "key of the target")
    .option("--image <image>", "image of the mover pods (default: $HOLDFAST_IMAGE, or that of the operator)")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (point: string, options: Options, command: Command) => {
      checkFlags(options);
      await withClient(command, (client) => (options.from || options.dryRun ? inProcess(client, point, options) : byOperator(client, point, options)));
    });
}

/** What the schema of a ClusterRestore refuses, said in the words of the command line. */
function checkFlags(options: Options): void {
  if (options.skipExisting && options.patchExisting) throw new Fault("USAGE", "--skip-existing and --patch-existing exclude each other", { hint: "--skip-existing to leave what exists, --patch-existing to bring it to what the point holds" });
  if (options.onlyData && options.onlyMetadata) throw new Fault("USAGE", "--only-data and --only-metadata exclude each other", { hint: "leave both out to restore everything" });
  pairs(options.map, "--map");
  pairs(options.storageClass, "--storage-class");
  excludes(options.exclude ?? [], "");
}

/** The flags as the ClusterRestore that they stand for: one meaning, in the cluster and in this process. */
export function restoreObject(name: string, namespaces: readonly string[], options: Options): KubeObject {
  const maps = pairs(options.map, "--map");
  const chosen = options.namespace ?? namespaces;
  mustBeOf([...chosen, ...Object.keys(maps)], namespaces);
  return {
    apiVersion: "holdfast.dev/v1alpha1",
    kind: "ClusterRestore",
    metadata: { name },
    spec: {
      source: { type: "ClusterBackup" },
      components: chosen.map((sourceNamespace) => ({
        sourceNamespace,
        restoreNamespace: maps[sourceNamespace] ?? sourceNamespace,
        restoreConfig: {
          restoreFlags: {
            ...(options.skipExisting ? { skipIfAlreadyExists: true } : {}),
            ...(options.patchExisting ? { patchIfAlreadyExists: true } : {}),
            ...(options.onlyData ? { onlyData: true } : {}),
            ...(options.onlyMetadata ? { onlyMetadata: true } : {}),
          },
          ...(options.exclude ? { excludeResourceSelector: { gvkSelector: excludes(options.exclude, sourceNamespace) } } : {}),
          ...(options.storageClass ? { storageClassMap: pairs(options.storageClass, "--storage-class") } : {}),
        },
      })),
    },
  };
}

function mustBeOf(asked: readonly string[], namespaces: readonly string[]): void {
  const unknown = asked.filter((one) => !namespaces.includes(one));
  if (unknown.length > 0) throw new Fault("USAGE", `the point does not hold ${[...new Set(unknown)].join(", ")}`, { hint: `it holds ${namespaces.join(", ")}` });
}

function pairs(texts: readonly string[] | undefined, flag: string): Record<string, string> {
  return Object.fromEntries(
    (texts ?? []).map((text) => {
      const [from, to, more] = text.split("=");
      if (!from || !to || more !== undefined) throw new Fault("USAGE", `${flag} ${text} is not "from=to"`, { hint: `${flag} OLD=NEW` });
      return [from, to];
    }),
  );
}

/** "Deployment.apps/x", "registries:PersistentVolumeClaim/data", "Workflow.argoproj.io". */
function excludes(texts: readonly string[], namespace: string) {
  return texts.flatMap((text) => {
    const [, only, kind, group, name] = /^(?:([a-z0-9-]+):)?([A-Za-z]+)(?:\.([a-z0-9.-]+))?(?:\/(.+))?$/.exec(text) ?? [];
    if (!kind) throw new Fault("USAGE", `--exclude ${text} is not [NAMESPACE:]KIND[.GROUP][/NAME]`, { hint: "for example --exclude Deployment.apps/web" });
    if (only && only !== namespace) return [];
    return [{ groupVersionKind: { ...(group ? { group } : {}), kind }, ...(name ? { objects: [name] } : {}) }];
  });
}

async function byOperator(client: KubeClient, text: string, options: Options): Promise<void> {
  if (!(await isInstalled(client))) {
    throw new Fault("NOT_FOUND", "Holdfast is not installed in this cluster", { hint: "name the target: holdfast restore POINT --from DIR" });
  }
  const backup = await findRun(client, text);
  if (!backup.kind.endsWith("Backup")) throw new Fault("USAGE", `${text} is a ${backup.kind}`, { hint: "kubectl holdfast points" });
  const point = pointOf(backup);
  const name = options.name ?? freshName(backup.metadata.name);
  const restore = restoreObject(name, point.namespaces, options);
  restore.spec.source = { type: "ClusterBackup", clusterBackup: { name: backup.metadata.name } };
  if (backup.kind === "Backup") restore.spec.source = { type: "Location", target: point.target, location: point.location };
  const created = await client.create(kindResource("ClusterRestore"), restore);
  process.stderr.write(`clusterrestore ${name} created\n`);
  if (options.follow) return followRun(client, "ClusterRestore", name, undefined, options.output);
  print(created, options.output, () => `look at it: holdfast describe ${name}`);
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
    throw new Fault("INVALID", `${backup.kind} ${backup.metadata.name} is ${backup.status?.status ?? "not started"}: it has no recovery point`, { hint: "holdfast points" });
  }
  return { ...where, namespaces: where.namespaces ?? [] };
}

async function inProcess(client: KubeClient, text: string, options: Options): Promise<void> {
  const { place, id } = await whereIs(client, text, options);
  await localRun(client, place, async (deps, run) => {
    const point = await findPoint(deps.target, id);
    const namespaces = point.namespaces.map((one) => one.name);
    const wanted = { run, point, options: restoreOptionsOf(restoreObject("in-process", namespaces, options), point) };
    if (options.dryRun) {
      const plan = await planRestoreRun({ ...deps, progress: { ...deps.progress, finding() {} } }, wanted); // the plan holds them
      return print(withoutSecrets(plan), options.output, () => asFlags(restorePlanText(plan)));
    }
    const { report } = await runRestore(deps, wanted);
    print(report, options.output, () => asFlags(restoreReportText(report)));
    failIfIncomplete(report);
  });
}

/** The target and point id of what was named: on `--from`, or of a backup of the cluster (for a dry run). */
async function whereIs(client: KubeClient, text: string, { from, keyFile, image, dryRun }: Options): Promise<{ place: LocalRunOptions; id: string }> {
  const common = { ...(keyFile ? { keyFile } : {}), ...(image ? { image } : {}), readOnly: dryRun ?? false };
  if (from) return { place: { place: from, ...common }, id: text };
  const { target, id } = pointOf(await findRun(client, text));
  return { place: { place: `${target.name}.${target.namespace}`, ...common }, id };
}

function failIfIncomplete(report: RestoreReport): void {
  const failed = [
    ...report.outcomes.filter((one) => one.result === "failed").map((one) => `${one.ref.kind} ${one.ref.name}`),
    ...[...report.volumes, ...report.buckets].filter((one) => one.result === "failed").map((one) => one.id),
  ];
  if (failed.length > 0) throw new Fault("RESTORE", `${failed.length} parts did not come back: ${failed.slice(0, 5).join(", ")}`);
}
