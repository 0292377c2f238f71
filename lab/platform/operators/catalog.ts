import type { LabObject } from "../../kube/object.ts";
import { claimKind, deploymentKind, serviceKind } from "./kinds.ts";

/**
 * The model catalog that the platform puts beside the registries. Stand-ins that do nothing: what counts for a backup is that they are
 * there, belong to the platform, and hold a volume. The walkthrough's restore excludes them by these names.
 */
export function catalogOf(namespace: string, image: string): LabObject[] {
  const store = "model-catalog-postgres";
  return [
    {
      ...claimKind,
      metadata: { name: store, namespace, labels: labelsOf(store) },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
    deployment(namespace, image, "model-catalog", 8080),
    deployment(namespace, image, store, 5432, store),
    service(namespace, "model-catalog", 8080),
    service(namespace, store, 5432),
  ];
}

function labelsOf(name: string): Record<string, string> {
  return {
    component: "model-catalog",
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/component": "model-catalog",
    "app.kubernetes.io/part-of": "model-registry",
    "app.kubernetes.io/created-by": "model-registry-operator",
    "app.kubernetes.io/managed-by": "model-registry-operator",
  };
}

function service(namespace: string, name: string, port: number): LabObject {
  const selector = { "app.kubernetes.io/name": name };
  return {
    ...serviceKind,
    metadata: { name, namespace, labels: labelsOf(name) },
    spec: { selector, ports: [{ port, targetPort: port }] },
  };
}

function deployment(namespace: string, image: string, name: string, port: number, claim?: string): LabObject {
  const matchLabels = { "app.kubernetes.io/name": name };
  const labels = labelsOf(name);
  const container = {
    name: "catalog",
    image,
    command: ["python3", "-m", "http.server", String(port), "--directory", "/data"],
    ports: [{ containerPort: port }],
    volumeMounts: [{ name: "data", mountPath: "/data" }],
    resources: { requests: { cpu: "5m", memory: "16Mi" } },
  };
  const volume =
    claim === undefined
      ? { name: "data", emptyDir: {} }
      : { name: "data", persistentVolumeClaim: { claimName: claim } };
  const template = {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 1, containers: [container], volumes: [volume] },
  };
  return {
    ...deploymentKind,
    metadata: { name, namespace, labels },
    spec: { replicas: 1, strategy: { type: "Recreate" }, selector: { matchLabels }, template },
  };
}
