import { Fault, toFault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { clusterRoleBindings, namespaces, roleBindings, serviceAccounts } from "../kube/well-known.ts";
import { runLabel } from "../movers/contract.ts";
import type { Settings } from "./settings.ts";

/** The only ClusterRole that the operator may bind. Shipped in deploy/install.yaml. */
const restoreRole = "holdfast-restore";
/** For restores that ask for includeClusterResources, where deploy/cluster-restore.yaml is installed. */
const restoreClusterRole = "holdfast-restore-cluster";

/**
 * For the time of one restore: a ServiceAccount of its own, and the right to write in the namespaces that it restores into.
 * Repeatable. `takeBack` removes all of it.
 */
export async function giveAccess(
  client: KubeClient,
  settings: Settings,
  run: string,
  account: string,
  into: readonly string[],
  cluster = false,
): Promise<void> {
  const labels = { [runLabel]: run, "app.kubernetes.io/name": "holdfast" };
  await client.apply(serviceAccounts, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: account, namespace: settings.namespace, labels },
  });
  for (const namespace of into) {
    await ensureNamespace(client, namespace);
    await client.apply(roleBindings, bindingOf(settings, account, labels, namespace));
  }
  if (cluster) await bindCluster(client, bindingOf(settings, account, labels));
}

async function bindCluster(client: KubeClient, binding: KubeObject): Promise<void> {
  try {
    await client.apply(clusterRoleBindings, binding);
  } catch (error) {
    const fault = toFault(error, "KUBE");
    if (fault.code !== "FORBIDDEN") throw fault;
    throw new Fault(
      "FORBIDDEN",
      "includeClusterResources: the operator may not restore what is outside of namespaces",
      {
        hint: "an administrator allows it: kubectl apply -f deploy/cluster-restore.yaml; or restore with the CLI and your own rights",
        cause: fault,
      },
    );
  }
}

export async function takeBack(client: KubeClient, settings: Settings, run: string, account: string): Promise<void> {
  for await (const { object } of client.list(roleBindings, { labels: `${runLabel}=${run}` })) {
    await client.remove(roleBindings, object.metadata.name, object.metadata.namespace);
  }
  for await (const { object } of client.list(clusterRoleBindings, { labels: `${runLabel}=${run}` })) {
    await client.remove(clusterRoleBindings, object.metadata.name);
  }
  await client.remove(serviceAccounts, account, settings.namespace);
}

/** A namespace that is being deleted is waited for by the caller: UNAVAILABLE, to be tried again. */
async function ensureNamespace(client: KubeClient, name: string): Promise<void> {
  const existing = await client.find(namespaces, name);
  if (existing?.metadata.deletionTimestamp) {
    throw new Fault("UNAVAILABLE", `namespace ${name} is still being deleted`, { retry: "soon" });
  }
  if (existing) return;
  await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
}

/** In a namespace the right to write in it; without one the right to make what is missing outside of namespaces. */
function bindingOf(
  settings: Settings,
  account: string,
  labels: Record<string, string>,
  namespace?: string,
): KubeObject {
  const name = namespace ? restoreRole : restoreClusterRole;
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: namespace ? "RoleBinding" : "ClusterRoleBinding",
    metadata: { name: `holdfast-${account}`, ...(namespace ? { namespace } : {}), labels },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: settings.namespace }],
  };
}
