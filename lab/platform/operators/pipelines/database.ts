import { randomBytes } from "node:crypto";
import type { LabObject } from "../../../kube/object.ts";
import { encoded } from "../../base64.ts";
import { claimKind, deploymentKind, secretKind, serviceAccountKind, serviceKind } from "../kinds.ts";
import { databaseName, databaseSecret, labelsOf, type ServerSpec } from "./spec.ts";

/** What holds the server's state; a password that is there already is used. */
export function stateOf({ name, namespace, database }: ServerSpec): LabObject[] {
  const labels = labelsOf(databaseName(name), name);
  const storageClass = database.class === undefined ? {} : { storageClassName: database.class };
  return [
    {
      ...secretKind,
      metadata: { name: databaseSecret(name), namespace, labels },
      type: "Opaque",
      data: encoded({ password: randomBytes(12).toString("hex") }),
    },
    {
      ...claimKind,
      metadata: { name: databaseName(name), namespace, labels },
      spec: {
        accessModes: ["ReadWriteOnce"],
        ...storageClass,
        resources: { requests: { storage: database.size } },
      },
    },
  ];
}

/** The database of runs, experiments and pipelines. As on the platform, root has no password and can only come from inside the pod. */
export function databaseOf({ name, namespace, database }: ServerSpec, image: string): LabObject[] {
  const own = databaseName(name);
  const labels = labelsOf(own, name);
  const account = `ds-pipelines-mariadb-sa-${name}`;
  const container = {
    name: "mariadb",
    image,
    env: [
      { name: "MYSQL_USER", value: database.user },
      { name: "MYSQL_PASSWORD", valueFrom: { secretKeyRef: { name: databaseSecret(name), key: "password" } } },
      { name: "MYSQL_DATABASE", value: database.name },
      { name: "MYSQL_ALLOW_EMPTY_PASSWORD", value: "true" },
    ],
    ports: [{ containerPort: 3306, protocol: "TCP" }],
    readinessProbe: { tcpSocket: { port: 3306 }, periodSeconds: 2, failureThreshold: 60 },
    volumeMounts: [{ name: "mariadb-persistent-storage", mountPath: "/var/lib/mysql" }],
    resources: { requests: { cpu: "20m", memory: "128Mi" }, limits: { memory: "1Gi" } },
  };
  const volumes = [{ name: "mariadb-persistent-storage", persistentVolumeClaim: { claimName: own } }];
  return [
    { ...serviceAccountKind, metadata: { name: account, namespace, labels } },
    {
      ...serviceKind,
      metadata: { name: own, namespace, labels },
      spec: { selector: labels, ports: [{ port: 3306, targetPort: 3306, protocol: "TCP" }] },
    },
    {
      ...deploymentKind,
      metadata: { name: own, namespace, labels },
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { serviceAccountName: account, containers: [container], volumes } },
      },
    },
  ];
}
