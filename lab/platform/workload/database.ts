import { randomBytes } from "node:crypto";
import { ensureImage } from "../../images/image.ts";
import type { Kube } from "../../kube/client.ts";
import type { LabObject } from "../../kube/object.ts";
import { encoded } from "../base64.ts";
import { claimKind, deploymentKind, secretKind, serviceKind } from "../operators/kinds.ts";
import { databaseName as name, registriesNamespace as namespace } from "../settings.ts";

const labels = { app: name };

/** Step 4, first half: a small MariaDB for the registry. The passwords are random and stay what they are. */
export async function deployDatabase(kube: Kube): Promise<void> {
  if ((await kube.get(secretKind, name, namespace)) === undefined) await kube.create(credentials());
  await kube.apply({
    ...claimKind,
    metadata: { name, namespace, labels },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "lab-btrfs",
      resources: { requests: { storage: "5Gi" } },
    },
  });
  await kube.apply({
    ...serviceKind,
    metadata: { name, namespace, labels },
    spec: { selector: labels, ports: [{ name: "mysql", port: 3306, targetPort: 3306, protocol: "TCP" }] },
  });
  await kube.apply(await deployment());
}

function credentials(): LabObject {
  const password = () => randomBytes(12).toString("hex");
  return {
    ...secretKind,
    metadata: { name, namespace, labels },
    type: "Opaque",
    data: encoded({
      "database-name": "model_registry",
      "database-user": "mlmduser",
      "database-password": password(),
      "database-root-password": password(),
    }),
  };
}

async function deployment(): Promise<LabObject> {
  const from = (variable: string, key: string) => ({ name: variable, valueFrom: { secretKeyRef: { name, key } } });
  const container = {
    name: "mariadb",
    image: await ensureImage("mariadb"),
    env: [
      from("MYSQL_DATABASE", "database-name"),
      from("MYSQL_USER", "database-user"),
      from("MYSQL_PASSWORD", "database-password"),
      from("MYSQL_ROOT_PASSWORD", "database-root-password"),
    ],
    ports: [{ containerPort: 3306, name: "mysql", protocol: "TCP" }],
    readinessProbe: { tcpSocket: { port: 3306 }, periodSeconds: 2, failureThreshold: 60 },
    volumeMounts: [{ name: "data", mountPath: "/var/lib/mysql" }],
    resources: { requests: { cpu: "20m", memory: "160Mi" }, limits: { memory: "1Gi" } },
  };
  return {
    ...deploymentKind,
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [container], volumes: [{ name: "data", persistentVolumeClaim: { claimName: name } }] },
      },
    },
  };
}
