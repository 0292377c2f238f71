import { Command } from "commander";
import { kindResource } from "../../api/index.ts";
import { toFault } from "../../base/fault.ts";
import { silentProgress } from "../../base/progress.ts";
import { discover } from "../../discover/index.ts";
import type { InventoryObject } from "../../flow/inventory.ts";
import { refKey } from "../../flow/object.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { graphText } from "../../plan/graph-text.ts";
import { inspect, inspectText } from "../../plan/inspect.ts";
import { namespacesOf, scopeOfNames } from "../../run/scope.ts";
import { isInstalled, withClient } from "../connection.ts";
import { type Format, parseFormat, print } from "../output.ts";
import { openPlace, placeHelp } from "../place.ts";

interface Options {
  readonly from?: string;
  readonly keyFile?: string;
  readonly output: Format | "graph";
}

export function inspectVerb(): Command {
  return new Command("inspect")
    .argument("<namespace...>", "looked at together, as a plan would protect them; wildcards allowed: 'team-*'")
    .option(
      "--from <target>",
      `whose recovery points count as protection: ${placeHelp} (default: what this cluster shows)`,
    )
    .option("--key-file <file>", "key of the target")
    .option("-o, --output <format>", "table, graph (what leans on what), json or yaml (both)", formatOf, "table")
    .action(async (namespaces: string[], options: Options, command: Command) => {
      await withClient(command, async (client) => {
        const scope = scopeOfNames(namespaces);
        const names = (await namespacesOf(client, scope)).map((one) => one.name);
        const [inventory, points] = await Promise.all([
          discover(client, { namespaces: names }, silentProgress),
          options.output === "graph" ? [] : protection(client, names, options),
        ]);
        if (options.output === "graph") return print(undefined, "table", () => graphText(inventory).trimEnd());
        const report = inspect(inventory, points);
        const graph = { objects: inventory.objects.map(shown), edges: inventory.edges };
        print({ ...report, graph }, options.output, () => inspectText(report));
      });
    });
}

function formatOf(text: string): Options["output"] {
  return text === "graph" ? text : parseFormat(text);
}

/** What an object is, and why it is here; its content is not shown. */
function shown({ ref, because }: InventoryObject) {
  return { key: refKey(ref), ...ref, ...(because ? { because } : {}) };
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
