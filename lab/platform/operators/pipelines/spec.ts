import type { LabObject } from "../../../kube/object.ts";

/** The images that a pipeline server is made of. */
export interface PipelineImages {
  readonly mariadb: string;
  readonly apiServer: string;
  readonly persistenceAgent: string;
  readonly scheduledWorkflow: string;
  readonly driver: string;
  readonly launcher: string;
  readonly metadata: string;
  readonly workflowController: string;
  readonly argoexec: string;
}

/** A DataSciencePipelinesApplication as far as the lab reads it, with the real operator's defaults. */
export interface ServerSpec {
  readonly name: string;
  readonly namespace: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly uid: string;
  readonly database: { readonly name: string; readonly user: string; readonly size: string; readonly class?: string };
  readonly store: {
    readonly scheme: string;
    readonly host: string;
    readonly port: string;
    readonly bucket: string;
    readonly basePath: string;
    readonly region: string;
    readonly secret: string;
    readonly accessKey: string;
    readonly secretKey: string;
  };
  /** Which of its parts the server wants: "deploy" of each. */
  readonly deploy: { readonly [part in "apiServer" | "persistenceAgent" | "scheduledWorkflow" | "mlmd"]: boolean };
  /** Seconds for which a finished Workflow is kept. */
  readonly keepWorkflows: number;
}

/** Reads the custom resource; says what is missing where the object store is not described. */
export function serverSpec(server: LabObject): ServerSpec {
  const { name, namespace = "", uid = "" } = server.metadata;
  const { database = {}, objectStorage = {}, apiServer, persistenceAgent, scheduledWorkflow, mlmd } = server["spec"];
  const { mariaDB = {} } = database;
  const storage = objectStorage.externalStorage;
  if (!storage?.s3CredentialsSecret?.secretName)
    throw new Error(
      `${server.kind} ${namespace}/${name}: spec.objectStorage.externalStorage.s3CredentialsSecret is missing`,
    );
  const { secretName, accessKey, secretKey } = storage.s3CredentialsSecret;
  return {
    name,
    namespace,
    uid,
    apiVersion: server.apiVersion,
    kind: server.kind,
    database: {
      name: mariaDB.pipelineDBName ?? "mlpipeline",
      user: mariaDB.username ?? "mlpipeline",
      size: mariaDB.pvcSize ?? "10Gi",
      class: mariaDB.storageClassName,
    },
    store: {
      scheme: storage.scheme ?? "https",
      host: storage.host,
      port: String(storage.port ?? ""),
      bucket: storage.bucket,
      basePath: storage.basePath ?? "",
      region: storage.region ?? "us-east-1",
      secret: secretName,
      accessKey,
      secretKey,
    },
    deploy: {
      apiServer: apiServer?.deploy !== false,
      persistenceAgent: persistenceAgent?.deploy !== false,
      scheduledWorkflow: scheduledWorkflow?.deploy !== false,
      mlmd: mlmd?.deploy !== false,
    },
    keepWorkflows: 86_400,
  };
}

export const databaseSecret = (name: string) => `ds-pipeline-db-${name}`;
export const databaseName = (name: string) => `mariadb-${name}`;
export const serverName = (name: string) => `ds-pipeline-${name}`;
/** Name of one of the server's helpers: "ds-pipeline-persistenceagent-dspa". */
export const partName = (part: string, name: string) => `ds-pipeline-${part}-${name}`;

/** The labels that the real operator puts on everything of one part. */
export function labelsOf(app: string, name: string): Record<string, string> {
  return { app, component: "data-science-pipelines", dspa: name };
}

/** "host:port" of the object store. */
export function storeEndpoint({ store }: ServerSpec): string {
  return store.port === "" ? store.host : `${store.host}:${store.port}`;
}
