import { Command } from "commander";
import type { KubeObject } from "../../flow/object.ts";
import type { KubeClient } from "../../kube/contract.ts";
import {
  claims,
  configMaps,
  jobs,
  leases,
  roleBindings,
  secrets,
  snapshotContents,
  snapshots,
  volumes,
} from "../../kube/well-known.ts";
import { runLabel, systemNamespace } from "../../movers/contract.ts";
import { kubeMovers } from "../../movers/run.ts";
import { cleanUpAfter } from "../../run/clean-up.ts";
import { clientOf } from "../connection.ts";
import { type Format, parseFormat, print } from "../output.ts";
import { isHeld, leaseName } from "../run-lease.ts";
import { removeLeftStaging } from "../staging.ts";

interface Left {
  readonly run: string;
  /** A run that goes on is left alone. */
  readonly state: "left" | "running" | "removed";
  readonly objects: readonly string[];
}

export function cleanupVerb(): Command {
  return new Command("cleanup")
    .option("--dry-run", "only say what there is")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (options: { dryRun?: boolean; output: Format }, command: Command) => {
      const client = await clientOf(command);
      try {
        const left: Left[] = [];
        for (const one of await leftRuns(client)) {
          const remove = one.state === "left" && !options.dryRun;
          if (remove) await removeRun(client, one.run);
          left.push(remove ? { ...one, state: "removed" } : one);
        }
        const directories = await removeLeftStaging({ dryRun: options.dryRun ?? false });
        print({ runs: left, directories }, options.output, () => text(left, directories));
      } finally {
        await client.close();
      }
    });
}

async function removeRun(client: KubeClient, run: string): Promise<void> {
  await cleanUpAfter(client, kubeMovers({ client, image: "none", pullPolicy: "Never" }), run);
  await client.remove(leases, leaseName(run), systemNamespace);
}

function text(runs: readonly Left[], directories: readonly string[]): string {
  if (runs.length + directories.length === 0) return "nothing left behind";
  return [
    ...runs.map(
      ({ run, state, objects }) =>
        `${state === "running" ? "still running, left alone:" : state} ${run}: ${objects.join(", ") || "nothing"}`,
    ),
    ...directories.map((path) => `directory ${path}`),
  ].join("\n");
}

/** Runs of the CLI (label "cli-...") that have something in the cluster. The operator cleans up after its own. */
async function leftRuns(client: KubeClient): Promise<Left[]> {
  const found = new Map<string, KubeObject[]>();
  for (const resource of [
    leases,
    jobs,
    secrets,
    configMaps,
    claims,
    volumes,
    snapshots,
    snapshotContents,
    roleBindings,
  ]) {
    if (!(await client.resource(resource.group, resource.kind))) continue;
    for await (const { object } of client.list(resource, { labels: runLabel })) {
      const run = object.metadata.labels?.[runLabel] ?? "";
      if (run.startsWith("cli-")) found.set(run, [...(found.get(run) ?? []), object]);
    }
  }
  return [...found].map(([run, objects]) => ({
    run,
    state: objects.some((one) => one.kind === "Lease" && isHeld(one)) ? "running" : "left",
    objects: objects
      .filter((one) => one.kind !== "Lease")
      .map((one) => `${one.kind} ${one.metadata.namespace ? `${one.metadata.namespace}/` : ""}${one.metadata.name}`),
  }));
}
