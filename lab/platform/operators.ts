import { readFile } from "node:fs/promises";
import { ensureImage } from "../images/image.ts";
import type { Kube } from "../kube/client.ts";
import type { LabObject } from "../kube/object.ts";
import { platformEndpoint } from "../objectstore/servers.ts";
import { adminKubeconfig, program, sourceDir } from "../paths.ts";
import { ensureProcess } from "../run/process.ts";
import { rememberDeployed } from "./deployed.ts";
import { deployKserve } from "./kserve.ts";
import { established } from "./established.ts";
import { answers } from "./http.ts";
import { manifest, objectsIn } from "./manifests.ts";
import type { PipelineImages } from "./operators/pipelines/spec.ts";
import { labKube, ports, registriesNamespace } from "./settings.ts";
import { sourcesOf } from "./sources.ts";

/** A step that was begun; called with what happens, for the person who watches. */
export type Tell = (line: string) => void;

/** The processes that {@link deployOperators} starts. */
export const operatorProcesses = [
  "bucket-claims",
  "notebook-controller",
  "platform-operators",
  "kserve-manager",
] as const;

/**
 * What a platform team installs once per cluster: kinds, controllers, webhooks, the class of buckets. On a cluster that was reset,
 * all of it is installed again, and nothing of any application.
 */
export async function deployOperators(tell: Tell = console.log): Promise<void> {
  const kube = labKube();
  rememberDeployed();
  tell("operators: object bucket claims, notebooks, model registries, pipelines");
  await applyFile(kube, sourceDir("objectstore", "crds.yaml"));
  await applyFile(kube, sourceDir("platform", "crds.yaml"));
  for (const name of ["notebooks.yaml", "scheduled-workflows.yaml", "workflows.yaml"] as const)
    await applyAll(kube, await manifest(name));
  await startBucketClaims();
  await startNotebookController();
  await startStandIns();
  tell("operators: KServe and its webhooks");
  await deployKserve(kube);
  await kube.apply(dataScienceCluster);
}

/** Step 1 of the walkthrough. */
const dataScienceCluster = {
  apiVersion: "datasciencecluster.opendatahub.io/v1",
  kind: "DataScienceCluster",
  metadata: { name: "default-dsc" },
  spec: {
    components: {
      dashboard: { managementState: "Removed" },
      workbenches: { managementState: "Managed" },
      kserve: { managementState: "Managed", defaultDeploymentMode: "RawDeployment" },
      datasciencepipelines: { managementState: "Managed" },
      modelregistry: { managementState: "Managed", registriesNamespace },
    },
  },
};

async function applyFile(kube: Kube, file: string): Promise<void> {
  await applyAll(kube, objectsIn(await readFile(file, "utf8")));
}

async function applyAll(kube: Kube, objects: readonly LabObject[]): Promise<void> {
  for (const object of objects) await kube.apply(object);
  await established(kube, objects);
}

/** The provisioner of bucket claims; it tells them the given address of the store, which must lead there. */
export async function startBucketClaims(endpoint?: string): Promise<void> {
  const s3 = await platformEndpoint();
  await startScript("bucket-claims", sourceDir("objectstore", "obc", "main.ts"), {
    LAB_S3_ENDPOINT: endpoint ?? s3.endpoint,
    LAB_S3_ACCESS_KEY: s3.accessKey,
    LAB_S3_SECRET_KEY: s3.secretKey,
    LAB_S3_REGION: s3.region,
  });
}

async function startStandIns(): Promise<void> {
  await startScript("platform-operators", sourceDir("platform", "operators", "main.ts"), {
    LAB_MODEL_REGISTRY_IMAGE: await ensureImage("model-registry"),
    LAB_CATALOG_IMAGE: await ensureImage("python"),
    LAB_PIPELINE_IMAGES: JSON.stringify(await pipelineImages()),
  });
}

async function pipelineImages(): Promise<PipelineImages> {
  return {
    mariadb: await ensureImage("mariadb"),
    apiServer: await ensureImage("ds-pipelines-api-server"),
    persistenceAgent: await ensureImage("ds-pipelines-persistenceagent"),
    scheduledWorkflow: await ensureImage("ds-pipelines-scheduledworkflow"),
    driver: await ensureImage("ds-pipelines-driver"),
    launcher: await ensureImage("ds-pipelines-launcher"),
    metadata: await ensureImage("ml-metadata"),
    workflowController: await ensureImage("argo-workflowcontroller"),
    argoexec: await ensureImage("argo-argoexec"),
  };
}

async function startScript(name: string, script: string, env: Record<string, string>): Promise<void> {
  await ensureProcess({
    name,
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", script],
    env: { LAB_KUBECONFIG: adminKubeconfig(), ...env },
    inputs: sourcesOf(script),
  });
}

async function startNotebookController(): Promise<void> {
  await ensureProcess({
    name: "notebook-controller",
    command: program("notebook-controller"),
    args: [
      `--kubeconfig=${adminKubeconfig()}`,
      `--metrics-addr=127.0.0.1:${ports.notebookMetrics}`,
      `--probe-addr=127.0.0.1:${ports.notebookHealth}`,
    ],
    env: { USE_ISTIO: "false", ENABLE_CULLING: "false", ADD_FSGROUP: "false" },
    ready: {
      describe: "the notebook controller to answer on its health port",
      check: () => answers(`http://127.0.0.1:${ports.notebookHealth}/readyz`),
      seconds: 60,
    },
  });
}
