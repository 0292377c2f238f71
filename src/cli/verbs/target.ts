import { Command } from "commander";
import { kindResource } from "../../api/index.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { systemNamespace } from "../../movers/contract.ts";
import { noteKitPrinted } from "../../run/recovery-kit.ts";
import { recoveryKit } from "../../store/recovery-kit.ts";
import { needInstalled, withClient } from "../connection.ts";
import { age, type Format, parseFormat, print, table } from "../output.ts";
import { placeHelp } from "../place.ts";
import { withPlace } from "../with-place.ts";

async function listTargets(client: KubeClient): Promise<KubeObject[]> {
  await needInstalled(client, "a directory or bucket needs no operator: holdfast target check DIR");
  const targets: KubeObject[] = [];
  for await (const { object } of client.list(kindResource("Target"))) targets.push(object);
  return targets;
}

export function targetVerb(): Command {
  const root = new Command("target");
  root
    .command("list")
    .description("The Targets of the cluster")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (options: { output: Format }, command: Command) => {
      const targets = await withClient(command, listTargets);
      print(targets, options.output, () =>
        table(
          ["NAME", "NAMESPACE", "TYPE", "STATUS", "POINTS", "AGE", "MESSAGE"],
          targets.map((one) => [
            one.metadata.name,
            one.metadata.namespace ?? "",
            one.spec.type,
            one.status?.status ?? "",
            String(one.status?.points ?? ""),
            age(one.metadata.creationTimestamp),
            one.status?.message ?? "",
          ]),
        ),
      );
    });
  root
    .command("check")
    .description("Open a target with its key and count its points")
    .argument("<target>", placeHelp)
    .option("--key-file <file>", "key of the target")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (text: string, options: { keyFile?: string; output: Format }, command: Command) => {
      await withPlace(command, text, options.keyFile, async ({ store }) => {
        let points = 0;
        for await (const _ of store.points()) points++;
        const repositories = await store.repositories();
        print(
          { id: store.id, points, repositories },
          options.output,
          () =>
            `target ${store.id} is reachable, its key fits: ${points} recovery points, ${repositories.length} repositories`,
        );
      });
    });
  root
    .command("recovery-kit")
    .description(
      "Print the key and the restic commands: with this alone every point can be read. Holds secrets: print it, keep it safe",
    )
    .argument("<target>", placeHelp)
    .option("--key-file <file>", "key of the target")
    .action(async (text: string, options: { keyFile?: string }, command: Command) => {
      await withPlace(command, text, options.keyFile, async (place, client) => {
        process.stdout.write(await recoveryKit(place.store, place.access, place.key));
        await noteKitPrinted(place.store).catch(() => {}); // a target that may only be read
        if (client && place.namespace) {
          await client.patch(
            kindResource("Target"),
            place.name,
            place.namespace,
            { status: { recoveryKitPrinted: true } },
            { subresource: "status" },
          );
        }
      });
    });
  root.addHelpText(
    "after",
    `\nA key of another cluster's target: kubectl -n ${systemNamespace} create secret generic holdfast-key-NAME --from-literal=key=KEY, before the Target is made.`,
  );
  return root;
}
