/** Connections that nobody keeps in one Secret: keys in the environment of a pod, or those of Kubeflow's own object store. */
import type { KubeObject } from "../flow/object.ts";
import { type Connection, connectionOf, endpointUrl } from "./connection.ts";
import { envValue } from "./database-accounts.ts";
import { kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { containersOf, podSpecsOf } from "./pod-spec.ts";

/** In the order in which the programs look at them. */
const endpointSettings = ["MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_S3_ENDPOINT"];

/** By the keys and the endpoint that the pods of an object have in their environment. */
export function connectionOfPods(object: KubeObject, all: ObjectSet): Connection | undefined {
  const { namespace = "" } = object.metadata;
  for (const container of podSpecsOf(object).flatMap(containersOf)) {
    const named = (container.env ?? []).find((one: any) => one.name === "AWS_ACCESS_KEY_ID")?.valueFrom?.secretKeyRef;
    const names = [named?.name, ...(container.envFrom ?? []).map((one: any) => one.secretRef?.name)];
    for (const name of names.filter(Boolean)) {
      const connection = connectionOf(all.get({ ...kinds.secret, namespace, name }));
      if (!connection) continue;
      const setting = (of: string) => envValue(container, of, namespace, all);
      const endpoint = endpointUrl(endpointSettings.map(setting).find(Boolean)) ?? connection.endpoint;
      const region = connection.region ?? setting("AWS_REGION") ?? setting("AWS_DEFAULT_REGION");
      return { ...connection, ...(endpoint ? { endpoint } : {}), ...(region ? { region } : {}) };
    }
  }
  return undefined;
}

/** Kubeflow's: `minio://` is a Service of its own namespace, and each namespace of a person has a Secret for it. */
export function connectionOfMinio(namespace: string | undefined, all: ObjectSet): Connection | undefined {
  const connection = connectionOf(all.get({ ...kinds.secret, namespace, name: "mlpipeline-minio-artifact" }));
  const service = all.ofKind("", "Service").find(({ metadata }) => metadata.name === "minio-service");
  if (!connection || !service) return connection;
  const { port = 9000 } = service.spec?.ports?.[0] ?? {};
  return { ...connection, endpoint: `http://minio-service.${service.metadata.namespace}.svc:${port}` };
}
