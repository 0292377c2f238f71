import { Command } from "commander";
import { kindResource } from "../../api/index.ts";
import type { KubeObject } from "../../flow/object.ts";
import { systemNamespace } from "../../movers/contract.ts";
import { recoveryKit } from "../../store/recovery-kit.ts";
import { clientOf } from "../connection.ts";
import { age, type Format, parseFormat, print, table } from "../output.ts";
import { openPlace, placeHelp } from "../place.ts";

export function targetVerb(): Command {
  const root = new Command("target");
  root
    .command("list")
    .description("The Targets of the cluster")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (options: { output: Format }, command: Command) => {
      const client = await clientOf(command);
      const targets: KubeObject[] = [];
      for await (const { object } of client.list(kindResource("Target"))) targets.push(object);
      await client.close();
      print(targets, options.output, () =>
        table(
          ["NAME", "NAMESPACE", "TYPE", "STATUS", "POINTS", "AGE", "MESSAGE"],
          targets.map((one) => [one.metadata.name, one.metadata.namespace ?? "", one.spec.type, one.status?.status ?? "", String(one.status?.points ?? ""), age(one.metadata.creationTimestamp), one.status?.message ?? ""]),
        ),
      );
    });
  root
    .command("check")
    .description("Open a target with its key and count its points")
    .argument("<target>", placeHelp)
    .option("--key-file <file>", "key of the target")
    .action(async (text: string, options: { keyFile?: string }, command: Command) => {
      await opened(command, text, options.keyFile, async (place) => {
        let count = 0;
        for await (const _ of place.store.points()) count++;
        const repositories = await place.store.repositories();
        process.stdout.write(`target ${place.store.id} is reachable, its key fits: ${count} recovery points, ${repositories.length} repositories\n`);
      });
    });
  root
    .command("recovery-kit")
    .description("Print the key and the restic commands: with this alone every point can be read. Holds secrets: print it, keep it safe")
    .argument("<target>", placeHelp)
    .option("--key-file <file>", "key of the target")
    .action(async (text: string, options: { keyFile?: string }, command: Command) => {
      await opened(command, text, options.keyFile, async (place, client) => {
        process.stdout.write(await recoveryKit(place.store, place.access, place.key));
        if (client && place.namespace) {
          await client.patch(kindResource("Target"), place.name, place.namespace, { status: { recoveryKitPrinted: true } }, { subresource: "status" });
        }
      });
    });
  root.addHelpText("after", `\nA key of another cluster's target: kubectl -n ${systemNamespace} create secret generic holdfast-key-NAME --from-literal=key=KEY, before the Target is made.`);
  return root;
}

type Opened = Awaited<ReturnType<typeof openPlace>>;

async function opened(command: Command, text: string, keyFile: string | undefined, work: (place: Opened, client: Awaited<ReturnType<typeof clientOf>> | undefined) => Promise<void>): Promise<void> {
  const plain = /^(\/|\.|s3:)/.test(text);
  const client = plain ? undefined : await clientOf(command);
  try {
    const place = await openPlace(text, { ...(client ? { client } : {}), ...(keyFile ? { keyFile } : {}) });
    try {
      await work(place, client);
    } finally {
      await place.store.close();
    }
  } finally {
    await client?.close();
  }
}
