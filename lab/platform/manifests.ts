import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { moduleDir } from "../go/build.ts";
import type { LabObject } from "../kube/object.ts";
import { cacheDir } from "../paths.ts";
import { versions } from "../versions.ts";

/** Manifests that lie in the sources of Go modules: folder in lab/go, module, file in it. */
const sources = {
  "kserve.yaml": ["kserve", "github.com/kserve/kserve", `install/${versions.kserve}/kserve.yaml`],
  "notebooks.yaml": [
    "notebook-controller",
    "github.com/kubeflow/kubeflow/components/notebook-controller",
    "config/crd/bases/kubeflow.org_notebooks.yaml",
  ],
} as const;

export type ManifestName = keyof typeof sources;

const home = () => cacheDir(`platform-manifests-${versions.kserve}-${versions.notebookController}`);

/** Copies the platform's manifests out of the Go modules into the cache, once. */
export async function collectManifests(): Promise<void> {
  if (existsSync(home())) return;
  const staging = `${home()}.new`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  for (const [name, [folder, module, file]] of Object.entries(sources)) {
    await cp(join(await moduleDir(folder, module), file), join(staging, name));
  }
  await rename(staging, home());
}

/** The objects of one of the platform's manifests. */
export async function manifest(name: ManifestName): Promise<LabObject[]> {
  await collectManifests();
  return objectsIn(await readFile(join(home(), name), "utf8"));
}

/** Every object of a YAML stream. */
export function objectsIn(text: string): LabObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((object) => object?.kind !== undefined);
}
