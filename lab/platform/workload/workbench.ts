import { ensureImage } from "../../images/image.ts";
import type { Kube } from "../../kube/client.ts";
import { claimKind } from "../operators/kinds.ts";
import { appNamespace as namespace, connectionName, workbenchName as name } from "../settings.ts";

/** Where the workbench's volume is mounted, as on the platform. */
export const home = "/opt/app-root/src";

/** The workbench: its volume (which outlives it) and the Notebook, as the dashboard makes them. */
export async function deployWorkbench(kube: Kube): Promise<void> {
  const labels = { app: name, "opendatahub.io/dashboard": "true" };
  const claim = `${name}-storage`;
  await kube.apply({
    ...claimKind,
    metadata: {
      name: claim,
      namespace,
      labels: { "opendatahub.io/dashboard": "true" },
      annotations: { "openshift.io/display-name": claim },
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "lab-btrfs",
      resources: { requests: { storage: "20Gi" } },
    },
  });
  const path = `/notebook/${namespace}/${name}/api`;
  const container = {
    name,
    image: await ensureImage("workbench"),
    workingDir: home,
    env: [{ name: "NOTEBOOK_PORT", value: "8888" }],
    envFrom: [{ secretRef: { name: connectionName } }],
    ports: [{ containerPort: 8888, name: "notebook-port", protocol: "TCP" }],
    readinessProbe: {
      httpGet: { path, port: "notebook-port" },
      periodSeconds: 3,
      failureThreshold: 40,
      timeoutSeconds: 3,
    },
    volumeMounts: [{ name: claim, mountPath: home }],
    resources: { requests: { cpu: "50m", memory: "192Mi" }, limits: { memory: "2Gi" } },
  };
  await kube.apply({
    apiVersion: "kubeflow.org/v1",
    kind: "Notebook",
    metadata: {
      name,
      namespace,
      labels: { ...labels, "opendatahub.io/odh-managed": "true" },
      annotations: {
        "openshift.io/display-name": name,
        "opendatahub.io/username": "rodolfo",
        "opendatahub.io/connections": `${namespace}/${connectionName}`,
      },
    },
    spec: {
      template: {
        spec: {
          containers: [container],
          volumes: [{ name: claim, persistentVolumeClaim: { claimName: claim } }],
          // On OpenShift these ids come from the namespace's range.
          securityContext: { runAsUser: 1001, runAsNonRoot: true, fsGroup: 1001 },
          terminationGracePeriodSeconds: 5,
          enableServiceLinks: false,
        },
      },
    },
  });
}
