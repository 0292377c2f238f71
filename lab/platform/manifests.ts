import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { moduleDir } from "../go/build.ts";
import type { LabObject } from "../kube/object.ts";
import { cacheDir } from "../paths.ts";
import { versions } from "../versions.ts";

/** Manifests that lie in the sources of Go modules: folder in lab/go, module, files in it. */
const sources = {
  "kserve.yaml": ["kserve", "github.com/kserve/kserve", [`install/${versions.kserve}/kserve.yaml`]],
  "notebooks.yaml": [
    "notebook-controller",
    "github.com/kubeflow/kubeflow/components/notebook-controller",
    ["config/crd/bases/kubeflow.org_notebooks.yaml"],
  ],
  "scheduled-workflows.yaml": [
    "pipelines",
    "github.com/kubeflow/pipelines",
    ["manifests/kustomize/base/pipeline/cluster-scoped/scheduled-workflow-crd.yaml"],
  ],
  "workflows.yaml": [
    "pipelines",
    "github.com/argoproj/argo-workflows/v3",
    // The full ones describe a pod in more depth than the API server accepts.
    [
      "workflows",
      "workflowtemplates",
      "cronworkflows",
      "workflowtasksets",
      "workflowtaskresults",
      "workflowartifactgctasks",
    ].map((kind) => `manifests/base/crds/minimal/argoproj.io_${kind}.yaml`),
  ],
} as const satisfies Record<string, readonly [string, string, readonly string[]]>;

export type ManifestName = keyof typeof sources;

const home = () => {
  const { kserve, notebookController, pipelines, argoWorkflows } = versions;
  return cacheDir(`platform-manifests-${[kserve, notebookController, pipelines, argoWorkflows].join("-")}`);
};

/** Copies the platform's manifests out of the Go modules into the cache, once. */
export async function collectManifests(): Promise<void> {
  if (existsSync(home())) return;
  const staging = `${home()}.new`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  for (const [name, [folder, module, files]] of Object.entries(sources)) {
    const at = await moduleDir(folder, module);
    const texts = await Promise.all(files.map((file) => readFile(join(at, file), "utf8")));
    await writeFile(join(staging, name), texts.join("\n---\n"));
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
