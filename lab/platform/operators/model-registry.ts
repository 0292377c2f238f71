import type { Kube } from "../../kube/client.ts";
import type { Controller } from "../../kube/controller.ts";
import type { LabObject } from "../../kube/object.ts";
import { ensureChild } from "./children.ts";
import { withCondition } from "./condition.ts";
import { deploymentKind, modelRegistryKind, networkPolicyKind, serviceAccountKind, serviceKind } from "./kinds.ts";

/**
 * Stands in for the model registry operator: makes a ModelRegistry's Deployment, Service, ServiceAccount and NetworkPolicy, owned by it
 * as the real operator does it, makes them again when they are deleted, and reports Available. What it runs is the real registry.
 */
export function modelRegistries(image: string): Controller {
  return {
    name: "model-registries",
    watches: [modelRegistryKind, deploymentKind, serviceKind],
    reconcile: async (kube) => {
      for (const registry of await kube.list(modelRegistryKind)) {
        if (registry.metadata.deletionTimestamp === undefined) await settle(kube, registry, image);
      }
    },
  };
}

async function settle(kube: Kube, registry: LabObject, image: string): Promise<void> {
  for (const child of childrenOf(registry, image)) await ensureChild(kube, child, registry, "model-registry-operator");
  const { name, namespace } = registry.metadata;
  const deployment = await kube.get(deploymentKind, name, namespace);
  const isUp = (deployment?.["status"]?.availableReplicas ?? 0) > 0;
  const conditions = withCondition(registry, {
    type: "Available",
    status: isUp ? "True" : "False",
    reason: isUp ? "DeploymentAvailable" : "DeploymentUnavailable",
    message: isUp ? "the registry's Deployment is available" : "waiting for the registry's Deployment",
  });
  if (conditions !== undefined)
    await kube.patch(modelRegistryKind, name, namespace, { status: { conditions } }, "status");
}

/** The objects that belong to a registry. */
export function childrenOf(registry: LabObject, image: string): LabObject[] {
  const { name, namespace } = registry.metadata;
  const selector = { app: name, component: "model-registry", "app.kubernetes.io/name": name };
  const labels = {
    ...selector,
    "app.kubernetes.io/instance": name,
    "app.kubernetes.io/part-of": "model-registry",
    "app.kubernetes.io/managed-by": "model-registry-operator",
    "app.kubernetes.io/created-by": "model-registry-operator",
  };
  const metadata = { name, namespace, labels };
  const port = { port: 8080, targetPort: 8080, protocol: "TCP", name: "http-api" };
  const pod = { metadata: { labels }, spec: podSpec(registry, image) };
  return [
    { ...serviceAccountKind, metadata },
    { ...serviceKind, metadata, spec: { type: "ClusterIP", selector, ports: [port] } },
    { ...deploymentKind, metadata, spec: { replicas: 1, selector: { matchLabels: selector }, template: pod } },
    {
      ...networkPolicyKind,
      metadata: { ...metadata, name: `${name}-https-route` },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ["Ingress"],
        ingress: [
          {
            from: [{ namespaceSelector: { matchLabels: { "network.openshift.io/policy-group": "ingress" } } }],
            ports: [{ protocol: "TCP", port: 8443 }],
          },
        ],
      },
    },
  ];
}

function podSpec(registry: LabObject, image: string): object {
  const { host, port = 3306, database, username, passwordSecret } = registry["spec"].mysql;
  const probe = (path: string) => ({
    httpGet: { path, port: 8080 },
    periodSeconds: 3,
    failureThreshold: 40,
    timeoutSeconds: 5,
  });
  return {
    serviceAccountName: registry.metadata.name,
    securityContext: { runAsNonRoot: true, runAsUser: 65532 },
    containers: [
      {
        name: "rest-container",
        image,
        args: [
          "proxy",
          "--hostname=0.0.0.0",
          "--port=8080",
          "--datastore-type=embedmd",
          "--embedmd-database-type=mysql",
        ],
        env: [
          { name: "HOME", value: "/tmp" },
          { name: "DATABASE_PASSWORD", valueFrom: { secretKeyRef: passwordSecret } },
          // In the environment: an argument would show the password in the node's process list.
          {
            name: "MR_EMBEDMD_DATABASE_DSN",
            value: `${username}:$(DATABASE_PASSWORD)@tcp(${host}:${port})/${database}?charset=utf8mb4&parseTime=true`,
          },
        ],
        ports: [{ containerPort: 8080, name: "http-api", protocol: "TCP" }],
        readinessProbe: probe("/readyz/health"),
        livenessProbe: { ...probe("/readyz/isDirty"), initialDelaySeconds: 30 },
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "512Mi" } },
      },
    ],
  };
}
