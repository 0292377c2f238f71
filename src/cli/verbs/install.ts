import { Command } from "commander";
import { stringify } from "yaml";
import { customResourceDefinitions } from "../../api/index.ts";
import { installManifests } from "../../install/manifests.ts";
import { version } from "../../base/version.ts";

export function installVerb(): Command {
  return new Command("install")
    .option("--image <image>", "the image of the operator and its movers", `holdfast:${version}`)
    .option("--cluster-name <name>", "the name people give this cluster", "cluster")
    .option("--replicas <number>", "replicas of the operator; one works, the others wait", Number, 2)
    .action((options: { image: string; clusterName: string; replicas: number }) => {
      process.stdout.write(installYaml(options));
    });
}

/** The whole of deploy/install.yaml. */
export function installYaml(options: { image: string; clusterName?: string; replicas?: number }): string {
  const documents = [...customResourceDefinitions(), ...installManifests(options)];
  return documents.map((one) => `---\n${stringify(one, { version: "1.1", aliasDuplicateObjects: false })}`).join("");
}
