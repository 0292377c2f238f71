import { Command } from "commander";
import { stringify } from "yaml";
import { customResourceDefinitions } from "../../api/index.ts";
import { Fault } from "../../base/fault.ts";
import { installManifests } from "../../install/manifests.ts";
import { clusterRestoreRbac } from "../../install/rbac.ts";
import { systemNamespace } from "../../movers/contract.ts";
import { version } from "../../base/version.ts";

export function installVerb(): Command {
  return new Command("install")
    .option("--image <image>", "the image of the operator and its movers", named("--image"), `holdfast:${version}`)
    .option("--cluster-name <name>", "the name people give this cluster", named("--cluster-name"), "cluster")
    .option("--replicas <number>", "replicas of the operator; one works, the others wait", replicasOf, 2)
    .option(
      "--cluster-restore",
      "also let the operator restore what is outside of namespaces (deploy/cluster-restore.yaml)",
    )
    .action((options: { image: string; clusterName: string; replicas: number; clusterRestore?: boolean }) => {
      process.stdout.write(installYaml(options) + (options.clusterRestore ? clusterRestoreYaml() : ""));
    });
}

/** An empty word is a variable of a script that was not set. */
function named(flag: string): (text: string) => string {
  return (text) => {
    if (text.trim()) return text;
    throw new Fault("USAGE", `${flag} is empty`, { hint: `${flag} NAME, or leave it out` });
  };
}

function replicasOf(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new Fault("USAGE", `--replicas ${text} is not a number of replicas`, { hint: "--replicas 2" });
}

/** The whole of deploy/install.yaml. */
export function installYaml(options: { image: string; clusterName?: string; replicas?: number }): string {
  return yaml([...customResourceDefinitions(), ...installManifests(options)]);
}

/** deploy/cluster-restore.yaml. */
export function clusterRestoreYaml(): string {
  return yaml(clusterRestoreRbac(systemNamespace));
}

function yaml(documents: readonly object[]): string {
  return documents.map((one) => `---\n${stringify(one, { version: "1.1", aliasDuplicateObjects: false })}`).join("");
}
