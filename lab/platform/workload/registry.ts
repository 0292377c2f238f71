import type { Kube } from "../../kube/client.ts";
import { modelRegistryKind, networkPolicyKind, serviceKind } from "../operators/kinds.ts";
import { databaseName, registriesNamespace as namespace, registryName } from "../settings.ts";

const selector = { app: registryName, "app.kubernetes.io/name": registryName, component: "model-registry" };

/** Step 4, second half: the registry, and the walkthrough's way in for machines. */
export async function deployRegistry(kube: Kube): Promise<void> {
  await kube.apply({
    ...modelRegistryKind,
    metadata: { name: registryName, namespace },
    spec: {
      grpc: {},
      rest: {},
      oauthProxy: {},
      mysql: {
        host: databaseName,
        port: 3306,
        database: "model_registry",
        username: "mlmduser",
        passwordSecret: { key: "database-password", name: databaseName },
        skipDBCreation: false,
      },
    },
  });
  await kube.apply({
    ...networkPolicyKind,
    metadata: { name: "allow-same-namespace-to-registry-8080", namespace },
    spec: {
      podSelector: { matchLabels: selector },
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: {} }], ports: [{ protocol: "TCP", port: 8080 }] }],
    },
  });
  await kube.apply({
    ...serviceKind,
    metadata: { name: "rhoai-registry-internal", namespace },
    spec: { type: "ClusterIP", ports: [{ port: 8080, targetPort: 8080, name: "http-api" }], selector },
  });
}
