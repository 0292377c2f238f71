import { Command } from "commander";
import { silentProgress } from "../../base/progress.ts";
import { version } from "../../base/version.ts";
import { probeBuckets } from "../../discover/bucket-probe.ts";
import { discover } from "../../discover/index.ts";
import { platformNamespaces } from "../../discover/platform-namespaces.ts";
import type { InventoryObject } from "../../flow/inventory.ts";
import { refKey } from "../../flow/object.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { closureOf } from "../../plan/closure/index.ts";
import { graphText } from "../../plan/graph-text.ts";
import { inspectHtml } from "../../plan/inspect/html.ts";
import { inspect } from "../../plan/inspect/inspect.ts";
import { inspectText } from "../../plan/inspect/text.ts";
import { keepForRun } from "../../run/keep.ts";
import { namespacesOf, scopeOfNames } from "../../run/scope.ts";
import { withClient } from "../connection.ts";
import { bucketSizes } from "../inspect/bucket-sizes.ts";
import { protectionOf } from "../inspect/protection.ts";
import { type Format, oneOf, print } from "../output.ts";
import { placeHelp } from "../place.ts";

interface Options {
  readonly from?: string;
  readonly keyFile?: string;
  readonly output: Format | "graph" | "html";
}

export function inspectVerb(): Command {
  return new Command("inspect")
    .argument(
      "[namespace...]",
      "looked at together, as a plan would protect them; wildcards allowed: 'team-*' (default: all that hold a piece of an AI platform)",
    )
    .option(
      "--from <target>",
      `whose recovery points count as protection: ${placeHelp} (default: what this cluster shows)`,
    )
    .option("--key-file <file>", "key of the target")
    .option(
      "-o, --output <format>",
      "table, html (one page to send: -o html > page.html), graph (what leans on what), json or yaml (all of it)",
      formatOf,
      "table",
    )
    .action(async (namespaces: string[], options: Options, command: Command) => {
      await withClient(command, (client) => look(client, namespaces, options));
    });
}

async function look(client: KubeClient, wanted: readonly string[], options: Options): Promise<void> {
  const names = await namesOf(client, wanted);
  const { output } = options;
  const [inventory, protection] = await Promise.all([
    discover(client, { namespaces: names }, silentProgress, keepForRun()),
    output === "graph" ? {} : protectionOf(client, names, options),
  ]);
  if (output === "graph") return print(undefined, "table", () => graphText(inventory).trimEnd());
  const [probed, sizes] = await Promise.all([probeBuckets(client, inventory), bucketSizes(client, inventory.buckets)]);
  const report = inspect(
    { ...inventory, ...probed },
    {
      ...protection,
      sizes,
      clusterName: client.context,
      isWholeCluster: wanted.length === 0,
    },
  );
  if (output === "html") return void process.stdout.write(inspectHtml(report, version));
  const graph = { objects: inventory.objects.map(shown), edges: inventory.edges };
  print({ ...report, closure: closureOf(inventory), graph }, output, () => inspectText(report).trimEnd());
}

async function namesOf(client: KubeClient, wanted: readonly string[]): Promise<readonly string[]> {
  if (wanted.length === 0) return platformNamespaces(client);
  return (await namespacesOf(client, scopeOfNames(wanted))).map((one) => one.name);
}

function formatOf(text: string): Options["output"] {
  return oneOf(["html", "graph", "json", "yaml", "table"], text);
}

/** What an object is, and why it is here; its content is not shown. */
function shown({ ref, because }: InventoryObject) {
  return { key: refKey(ref), ...ref, ...(because ? { because } : {}) };
}
