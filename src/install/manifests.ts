import type { KubeObject } from "../flow/object.ts";
import { systemNamespace } from "../movers/contract.ts";
import { rbac } from "./rbac.ts";

export interface InstallOptions {
  readonly image: string;
  readonly pullPolicy?: string;
  readonly replicas?: number;
  /** The name that people give this cluster; it is identified by the UID of kube-system. */
  readonly clusterName?: string;
}

/** Everything that deploy/install.yaml holds besides the CRDs. */
export function installManifests(options: InstallOptions): KubeObject[] {
  const labels = { "app.kubernetes.io/name": "holdfast" };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: systemNamespace, labels: { ...labels, "pod-security.kubernetes.io/enforce": "privileged" } },
    },
    ...rbac(systemNamespace),
    operator(options),
  ];
}

function operator({
  image,
  pullPolicy = "IfNotPresent",
  replicas = 2,
  clusterName = "cluster",
}: InstallOptions): KubeObject {
  const labels = { "app.kubernetes.io/name": "holdfast", "app.kubernetes.io/component": "operator" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "holdfast-operator", namespace: systemNamespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: "holdfast-operator",
          terminationGracePeriodSeconds: 10,
          containers: [
            {
              name: "operator",
              image,
              imagePullPolicy: pullPolicy,
              args: ["operator"],
              env: [
                { name: "HOLDFAST_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
                { name: "HOLDFAST_IMAGE", value: image },
                { name: "HOLDFAST_PULL_POLICY", value: pullPolicy },
                { name: "HOLDFAST_CLUSTER_NAME", value: clusterName },
              ],
              ports: [{ name: "health", containerPort: 8081 }],
              livenessProbe: {
                httpGet: { path: "/healthz", port: "health" },
                initialDelaySeconds: 10,
                periodSeconds: 20,
              },
              readinessProbe: { httpGet: { path: "/readyz", port: "health" }, periodSeconds: 5 },
              resources: { requests: { cpu: "20m", memory: "96Mi" }, limits: { memory: "512Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                readOnlyRootFilesystem: true,
                runAsNonRoot: true,
                runAsUser: 65532,
              },
            },
          ],
        },
      },
    },
  };
}
