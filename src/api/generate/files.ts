/** The generated files, as text by path. */
import { stringify } from "yaml";
import type { KubeObject } from "../../flow/object.ts";
import { samples } from "../samples.ts";
import { customResourceDefinitions } from "./crd.ts";
import { reference } from "./reference.ts";

const notice = "# Generated from the schemas in src/api by scripts/generate; do not edit.\n";

/** Path from the root of the repository -> content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const crd of customResourceDefinitions()) {
    files.set(`deploy/crds/${crd.metadata.name}.yaml`, `${notice}${yaml(crd)}`);
  }
  for (const { file, title, object } of samples) {
    files.set(`docs/reference/samples/${file}.yaml`, `# ${title}\n${yaml(object)}`);
  }
  files.set("docs/reference/resources.md", reference());
  return files;
}

/** YAML 1.1, which is what kubectl reads: "no" and "12:30" stay text. */
function yaml(object: KubeObject): string {
  return stringify(object, { version: "1.1", aliasDuplicateObjects: false, lineWidth: 0 });
}
