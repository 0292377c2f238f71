import { openKube, type Kube } from "../kube/client.ts";
import { adminKubeconfig } from "../paths.ts";

/** The application's namespace of the walkthrough. */
export const appNamespace = "rhoai-demo";
/** The namespace of the registries, named by the DataScienceCluster. */
export const registriesNamespace = "rhoai-model-registries";
/** Where the platform's controllers keep their own things. */
export const platformNamespace = "kserve";

export const workbenchName = "rodolfo-workbench";
export const registryName = "rhoai-registry";
export const databaseName = "model-registry-db";
export const claimName = "rhoai-demo-bucket";
export const connectionName = "aws-connection-rhoai-demo-bucket";
export const pipelineServerName = "dspa";

/** Ports of the platform's processes on the node. */
export const ports = {
  webhooks: 9443,
  kserveMetrics: 9444,
  kserveHealth: 9445,
  notebookMetrics: 9446,
  notebookHealth: 9447,
} as const;

let opened: Kube | undefined;

/** The lab's cluster, as administrator. */
export function labKube(): Kube {
  opened ??= openKube(adminKubeconfig());
  return opened;
}

/** Lets go of the connections, so that a program can end. */
export async function closeLabKube(): Promise<void> {
  await opened?.close();
  opened = undefined;
}
