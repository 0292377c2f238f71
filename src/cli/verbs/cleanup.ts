import { Command } from "commander";
import { cleanUpRun } from "../../capture/index.ts";
import { claims, jobs, roleBindings, secrets, snapshotContents, snapshots } from "../../kube/well-known.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { runLabel } from "../../movers/contract.ts";
import { kubeMovers } from "../../movers/run.ts";
import { clientOf } from "../connection.ts";

export function cleanupVerb(): Command {
  return new Command("cleanup")
    .description("Remove what runs of this CLI left behind when they were killed (the operator cleans up after its own)")
    .option("--dry-run", "only say what there is")
    .action(async (options: { dryRun?: boolean }, command: Command) => {
      const client = await clientOf(command);
      try {
        const runs = await leftRuns(client);
        if (runs.size === 0) process.stdout.write("nothing left behind\n");
        for (const [run, things] of runs) {
          process.stdout.write(`${options.dryRun ? "left" : "removing"} ${run}: ${things.join(", ")}\n`);
          if (!options.dryRun) await cleanUpRun(client, kubeMovers({ client, image: "none", pullPolicy: "Never" }), run);
        }
      } finally {
        await client.close();
      }
    });
}

/** Runs of the CLI (label "cli-...") that have something in the cluster. */
async function leftRuns(client: KubeClient): Promise<Map<string, string[]>> {
  const runs = new Map<string, string[]>();
  for (const resource of [jobs, secrets, claims, snapshots, snapshotContents, roleBindings]) {
    if (!(await client.resource(resource.group, resource.kind))) continue;
    for await (const { object } of client.list(resource, { labels: runLabel })) {
      const run = object.metadata.labels?.[runLabel] ?? "";
      if (run.startsWith("cli-")) runs.set(run, [...(runs.get(run) ?? []), `${object.kind} ${object.metadata.name}`]);
    }
  }
  return runs;
}
