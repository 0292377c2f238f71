import type { LabObject } from "../../../kube/object.ts";
import { configMapKind, networkPolicyKind, serviceKind } from "../kinds.ts";
import { deployment, small } from "./deployment.ts";
import { databaseName, databaseSecret, labelsOf, partName, type ServerSpec } from "./spec.ts";

/** ML metadata, in which drivers and launchers of runs keep what came of what; in the pipeline server's own database. */
export function metadataOf(spec: ServerSpec, image: string): LabObject[] {
  const { name, namespace, database } = spec;
  const own = partName("metadata-grpc", name);
  const labels = labelsOf(own, name);
  const ports = [{ name: "grpc-api", port: 8080, targetPort: "grpc-api", protocol: "TCP" }];
  const service = (at: string): LabObject => ({
    ...serviceKind,
    metadata: { name: at, namespace, labels },
    spec: { selector: labels, ports },
  });
  return [
    deployment(spec, own, {
      containers: [
        {
          name: "container",
          image,
          // The password comes by the environment alone: the real one repeats it among its arguments.
          args: [
            "--grpc_port=8080",
            "--mysql_config_database=$(MYSQL_DATABASE)",
            "--mysql_config_host=$(MYSQL_HOST)",
            "--mysql_config_port=$(MYSQL_PORT)",
            "--mysql_config_user=$(DBCONFIG_USER)",
          ],
          env: [
            { name: "DBCONFIG_USER", value: database.user },
            {
              name: "DBCONFIG_PASSWORD",
              valueFrom: { secretKeyRef: { name: databaseSecret(name), key: "password" } },
            },
            { name: "MYSQL_DATABASE", value: database.name },
            { name: "MYSQL_HOST", value: databaseName(name) },
            { name: "MYSQL_PORT", value: "3306" },
          ],
          ports: [{ containerPort: 8080, name: "grpc-api", protocol: "TCP" }],
          readinessProbe: { tcpSocket: { port: "grpc-api" }, periodSeconds: 2 },
          livenessProbe: { tcpSocket: { port: "grpc-api" }, initialDelaySeconds: 30, periodSeconds: 5 },
          resources: small,
        },
      ],
    }),
    service(own),
    // The name by which Kubeflow's own driver finds it.
    service("metadata-grpc-service"),
    {
      ...configMapKind,
      metadata: { name: "metadata-grpc-configmap", namespace, labels },
      data: {
        METADATA_GRPC_SERVICE_HOST: `${own}.${namespace}.svc.cluster.local`,
        METADATA_GRPC_SERVICE_PORT: "8080",
      },
    },
    {
      ...networkPolicyKind,
      metadata: { name: own, namespace, labels },
      spec: {
        podSelector: { matchLabels: { app: own, component: "data-science-pipelines" } },
        policyTypes: ["Ingress"],
        ingress: [
          {
            from: [{ podSelector: { matchLabels: { "pipelines.kubeflow.org/v2_component": "true" } } }],
            ports: [{ protocol: "TCP", port: 8080 }],
          },
        ],
      },
    },
  ];
}
