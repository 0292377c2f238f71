import { readFile } from "node:fs/promises";

/** What the operator is told by its Deployment. */
export interface Settings {
  readonly namespace: string;
  readonly image: string;
  readonly pullPolicy: string;
  readonly clusterName: string;
  readonly identity: string; // holder of the Lease: the pod's name
}

export async function readSettings(env: NodeJS.ProcessEnv): Promise<Settings> {
  return {
    namespace: env.HOLDFAST_NAMESPACE ?? (await namespaceOfPod()) ?? "holdfast-system",
    image: env.HOLDFAST_IMAGE ?? "holdfast",
    pullPolicy: env.HOLDFAST_PULL_POLICY ?? "IfNotPresent",
    clusterName: env.HOLDFAST_CLUSTER_NAME ?? "cluster",
    identity: env.HOSTNAME ?? `operator-${process.pid}`,
  };
}

async function namespaceOfPod(): Promise<string | undefined> {
  return readFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "utf8").catch(() => undefined);
}
