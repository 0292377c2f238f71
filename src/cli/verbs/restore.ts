import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { kindResource } from "../../api/index.ts";
import { Fault } from "../../base/fault.ts";
import { randomId } from "../../base/ids.ts";
import type { RestoreReport } from "../../flow/restore-plan.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { restorePlanText, restoreReportText } from "../../plan/restore-text.ts";
import { findPoint, type RunDeps } from "../../run/backup.ts";
import { planRestoreRun, runRestore } from "../../run/restore.ts";
import { restoreOptionsOf } from "../../run/specs.ts";
import { clientOf, isInstalled, untilInterrupted } from "../connection.ts";
import { findRun } from "../find-run.ts";
import { followRun } from "../follow.ts";
import { localMovers } from "../local-movers.ts";
import { type Format, parseFormat, print } from "../output.ts";
import { openPlace, type Place, placeHelp } from "../place.ts";
import { terminalProgress } from "../terminal.ts";

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
    .description("Bring a recovery point back; --dry-run prints what would happen to every object, and why")
    .argument("<point>", "a ClusterBackup of the cluster (or NAMESPACE/Backup), or with --from the id of a point")
    .option("--from <target>", `without operator: ${placeHelp}`)
    .option("-n, --namespace <namespace...>", "only these namespaces of the point")
    .option("--map <from=to...>", "restore a namespace under another name")
    .option("--exclude <kind/name...>", "leave out objects: KIND, KIND.GROUP/NAME, NAMESPACE:KIND/NAME")
    .option("--storage-class <from=to...>", "storage classes of the point -> of this cluster")
    .option("--skip-existing", "leave objects alone that exist (the default fails them)")
    .option("--patch-existing", "bring objects that exist to what the point holds (three-way)")
    .option("--only-data", "volumes and buckets only")
    .option("--only-metadata", "objects only")
    .option("--dry-run", "print the plan and end")
    .option("-f, --follow", "show progress until it has ended; the exit code is the outcome")
    .option("--name <name>", "name of the ClusterRestore (default: the point's and the time)")
    .option("--key-file <file>", "key of the target")
    .option("--image <image>", "image of the mover pods (default: $HOLDFAST_IMAGE)")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (point: string, options: Options, command: Command) => {
      const client = await clientOf(command);
      try {
        if (options.from || options.dryRun) return await inProcess(client, point, options);
        await byOperator(client, point, options);
      } finally {
        await client.close();
      }
    });
}

/** The flags as the ClusterRestore that they stand for: one meaning, in the cluster and in this process. */
export function restoreObject(name: string, namespaces: readonly string[], options: Options): KubeObject {
  const maps = pairs(options.map, "--map");
  const chosen = options.namespace ?? namespaces;
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

function pairs(texts: readonly string[] | undefined, flag: string): Record<string, string> {
  return Object.fromEntries(
    (texts ?? []).map((text) => {
      const [from, to, more] = text.split("=");
      if (!from || !to || more !== undefined) throw new Fault("USAGE", `${flag} ${text} is not "from=to"`);
      return [from, to];
    }),
  );
}

/** "Deployment.apps/x", "registries:PersistentVolumeClaim/data", "Workflow.argoproj.io". */
function excludes(texts: readonly string[], namespace: string) {
  return texts.flatMap((text) => {
    const [, only, kind, group, name] = /^(?:([a-z0-9-]+):)?([A-Za-z]+)(?:\.([a-z0-9.-]+))?(?:\/(.+))?$/.exec(text) ?? [];
    if (!kind) throw new Fault("USAGE", `--exclude ${text} is not [NAMESPACE:]KIND[.GROUP][/NAME]`);
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
  const point = await pointOf(client, backup);
  const name = options.name ?? `${backup.metadata.name}-${new Date().toISOString().slice(0, 19).replace(/[^0-9]/g, "")}`;
  const restore = restoreObject(name, point.namespaces, options);
  restore.spec.source = { type: "ClusterBackup", clusterBackup: { name: backup.metadata.name } };
  if (backup.kind === "Backup") restore.spec.source = { type: "Location", target: point.target, location: point.location };
  await client.create(kindResource("ClusterRestore"), restore);
  process.stderr.write(`clusterrestore ${name} created\n`);
  if (options.follow) await followRun(client, "ClusterRestore", name, undefined, options.output);
  else process.stderr.write(`follow it: kubectl holdfast describe ${name}\n`);
}

async function pointOf(client: KubeClient, backup: KubeObject): Promise<{ namespaces: string[]; target: object; location: string }> {
  const where = backup.status?.point;
  if (!where) throw new Fault("INVALID", `${backup.kind} ${backup.metadata.name} is ${backup.status?.status ?? "not started"}: it has no recovery point`);
  if (backup.kind === "Backup") return { namespaces: [backup.metadata.namespace ?? ""], ...where };
  const plan = await client.find(kindResource("ClusterBackupPlan"), backup.spec.clusterBackupPlan.name);
  const namespaces = (plan?.spec.backupComponents ?? []).map((one: { namespace: string }) => one.namespace);
  return { namespaces: where.namespaces ?? namespaces, ...where };
}

async function inProcess(client: KubeClient, text: string, options: Options): Promise<void> {
  const { place, id } = await whereIs(client, text, options);
  const staging = await mkdtemp(join(tmpdir(), "holdfast-"));
  const progress = terminalProgress();
  try {
    const point = await findPoint(place.store, id);
    const namespaces = point.namespaces.map((one) => one.name);
    const unknown = (options.namespace ?? []).filter((one) => !namespaces.includes(one));
    if (unknown.length > 0) throw new Fault("USAGE", `the point does not hold ${unknown.join(", ")}`, { hint: `it holds ${namespaces.join(", ")}` });
    const restoreOptions = restoreOptionsOf(restoreObject("in-process", namespaces, options), point);
    const run = { run: `cli-${randomId(10)}`, point, options: restoreOptions };
    const common = { client, target: place.store, access: place.access, progress, staging, signal: untilInterrupted() };
    if (options.dryRun) {
      const plan = await planRestoreRun({ ...common, movers: noMovers }, run);
      progress.close();
      return print(plan, options.output, () => restorePlanText(plan));
    }
    const movers = await localMovers({ client, place, image: options.image });
    const { report } = await runRestore({ ...common, movers }, run);
    progress.close();
    print(report, options.output, () => restoreReportText(report));
    failIfIncomplete(report);
  } finally {
    progress.close();
    await rm(staging, { recursive: true, force: true });
    await place.store.close();
  }
}

/** The target and point id of what was named: on `--from`, or of a backup of the cluster (for a dry run). */
async function whereIs(client: KubeClient, text: string, options: Options): Promise<{ place: Place; id: string }> {
  const keyFile = options.keyFile ? { keyFile: options.keyFile } : {};
  if (options.from) return { place: await openPlace(options.from, { client, ...keyFile }), id: text };
  const backup = await findRun(client, text);
  const where = backup.status?.point;
  if (!where) throw new Fault("INVALID", `${backup.kind} ${text} has no recovery point`);
  return { place: await openPlace(`${where.target.name}.${where.target.namespace}`, { client, ...keyFile }), id: where.id };
}

const noMovers: RunDeps["movers"] = {
  run: () => Promise.reject(new Fault("INTERNAL", "a dry run starts no mover")),
  cleanUp: async () => {},
};

function failIfIncomplete(report: RestoreReport): void {
  const failed = [
    ...report.outcomes.filter((one) => one.result === "failed").map((one) => `${one.ref.kind} ${one.ref.name}`),
    ...[...report.volumes, ...report.buckets].filter((one) => one.result === "failed").map((one) => one.id),
  ];
  if (failed.length > 0) throw new Fault("RESTORE", `${failed.length} parts did not come back: ${failed.slice(0, 5).join(", ")}`);
}
