import { Command } from "commander";
import { silentProgress } from "../../base/progress.ts";
import { discover } from "../../discover/index.ts";
import { inspect, inspectText } from "../../plan/inspect.ts";
import { clientOf } from "../connection.ts";
import { type Format, parseFormat, print } from "../output.ts";

export function inspectVerb(): Command {
  return new Command("inspect")
    .argument("<namespace...>", "looked at together, as a plan would protect them")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (namespaces: string[], options: { output: Format }, command: Command) => {
      const client = await clientOf(command);
      try {
        const report = inspect(await discover(client, { namespaces }, silentProgress));
        print(report, options.output, () => inspectText(report));
      } finally {
        await client.close();
      }
    });
}
