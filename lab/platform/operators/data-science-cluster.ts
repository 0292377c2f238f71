import type { Kube } from "../../kube/client.ts";
import type { Controller } from "../../kube/controller.ts";
import { controlledBy, type LabObject } from "../../kube/object.ts";
import { catalogOf } from "./catalog.ts";
import { withCondition } from "./condition.ts";
import { claimKind, dataScienceClusterKind, deploymentKind, namespaceKind } from "./kinds.ts";

/**
 * Stands in for the OpenShift AI operator, as far as the walkthrough meets it: while the component modelregistry is Managed, the
 * registries' namespace and the model catalog in it exist, whoever deletes them.
 */
export function dataScienceClusters(image: string): Controller {
  return {
    name: "data-science-clusters",
    watches: [dataScienceClusterKind, namespaceKind, deploymentKind, claimKind],
    reconcile: async (kube) => {
      for (const cluster of await kube.list(dataScienceClusterKind)) await settle(kube, cluster, image);
    },
  };
}

async function settle(kube: Kube, cluster: LabObject, image: string): Promise<void> {
  const component = cluster["spec"]?.components?.modelregistry;
  const namespace: string | undefined = component?.registriesNamespace;
  const isManaged = component?.managementState === "Managed" && namespace !== undefined;
  if (isManaged) await ensureCatalog(kube, cluster, namespace, image);
  await report(kube, cluster, isManaged);
}

async function ensureCatalog(kube: Kube, cluster: LabObject, namespace: string, image: string): Promise<void> {
  const old = await kube.get(namespaceKind, namespace);
  if (old?.metadata.deletionTimestamp !== undefined) return; // Made again when it is gone.
  if (old === undefined) {
    const labels = { "opendatahub.io/generated-namespace": "true" };
    await kube.apply({ ...namespaceKind, metadata: { name: namespace, labels } }, "opendatahub-operator");
  }
  for (const part of catalogOf(namespace, image)) {
    if ((await kube.get(part, part.metadata.name, namespace)) !== undefined) continue;
    await kube.apply(
      { ...part, metadata: { ...part.metadata, ownerReferences: [controlledBy(cluster)] } },
      "opendatahub-operator",
    );
  }
}

async function report(kube: Kube, cluster: LabObject, isManaged: boolean): Promise<void> {
  const registry = withCondition(cluster, {
    type: "ModelRegistryReady",
    status: isManaged ? "True" : "False",
    reason: isManaged ? "Ready" : "Removed",
    message: isManaged ? "" : "Component ManagementState is set to Removed",
  });
  const soFar = registry === undefined ? cluster : { ...cluster, status: { conditions: registry } };
  const conditions = withCondition(soFar, { type: "Ready", status: "True", reason: "Ready", message: "" }) ?? registry;
  if (conditions === undefined) return;
  await kube.patch(
    dataScienceClusterKind,
    cluster.metadata.name,
    undefined,
    { status: { phase: "Ready", conditions } },
    "status",
  );
}
