import { Command } from "commander";
import { kindResource } from "../../api/index.ts";
import { toFault } from "../../base/fault.ts";
import { silentProgress } from "../../base/progress.ts";
import { discover } from "../../discover/index.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { inspect, inspectText } from "../../plan/inspect.ts";
import { isInstalled, withClient } from "../connection.ts";
import { type Format, parseFormat, print } from "../output.ts";
import { openPlace, placeHelp } from "../place.ts";

interface Options {
  readonly from?: string;
  readonly keyFile?: string;
  readonly output: Format;
}

export function inspectVerb(): Command {
  return new Command("inspect")
    .argument("<namespace...>", "looked at together, as a plan would protect them")
    .option(
      "--from <target>",
      `whose recovery points count as protection: ${placeHelp} (default: what this cluster shows)`,
    )
    .option("--key-file <file>", "key of the target")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (namespaces: string[], options: Options, command: Command) => {
      await withClient(command, async (client) => {
        const [inventory, points] = await Promise.all([
          discover(client, { namespaces }, silentProgress),
          protection(client, namespaces, options),
        ]);
        const report = inspect(inventory, points);
        print(report, options.output, () => inspectText(report));
      });
    });
}

/** Points that hold these namespaces, newest first. What is here is worth a look also where no target can be reached. */
async function protection(
  client: KubeClient,
  namespaces: readonly string[],
  { from, keyFile }: Options,
): Promise<RecoveryPoint[]> {
  if (from) return onTarget(client, from, keyFile);
  try {
    return await shownHere(client, namespaces);
  } catch (error) {
    process.stderr.write(`recovery points could not be read: ${toFault(error).message}\n`);
    return [];
  }
}

async function onTarget(client: KubeClient, from: string, keyFile: string | undefined): Promise<RecoveryPoint[]> {
  const { store } = await openPlace(from, { client, ...(keyFile ? { keyFile } : {}) });
  const points: RecoveryPoint[] = [];
  try {
    for await (const point of store.points()) points.push(point);
    return points;
  } finally {
    await store.close();
  }
}

interface Shown {
  readonly target: { readonly name: string; readonly namespace: string };
  readonly cluster: string;
  readonly plan: string;
  readonly id: string;
  readonly namespaces?: readonly string[];
}

/** The newest point that a Backup of this cluster names for all of the namespaces. */
async function shownHere(client: KubeClient, namespaces: readonly string[]): Promise<RecoveryPoint[]> {
  if (!(await isInstalled(client))) return [];
  const shown: Shown[] = [];
  for (const kind of ["ClusterBackup", "Backup"]) {
    for await (const { object } of client.list(kindResource(kind)))
      if (object.status?.point?.id) shown.push(object.status.point);
  }
  const fits = ({ namespaces: held = [] }: Shown) => namespaces.every((one) => held.includes(one));
  const newest = shown.filter(fits).sort((a, b) => (a.id < b.id ? 1 : -1))[0];
  if (!newest) return [];
  const { store } = await openPlace(`${newest.target.name}.${newest.target.namespace}`, { client });
  try {
    return [await store.readPoint(newest.cluster, newest.plan, newest.id)];
  } finally {
    await store.close();
  }
}
