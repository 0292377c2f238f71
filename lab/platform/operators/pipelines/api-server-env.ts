import { databaseName, databaseSecret, type PipelineImages, serverName, type ServerSpec } from "./spec.ts";

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

/** The API server's settings, as the real operator writes them. */
export function apiServerEnv(
  { name, namespace, uid, apiVersion, kind, database, store }: ServerSpec,
  { driver, launcher }: PipelineImages,
): Variable[] {
  const secret = (key: string, from: string) => ({ secretKeyRef: { name: from, key } });
  const password = secret("password", databaseSecret(name));
  const plain = {
    // Stamped as owner on every ScheduledWorkflow that the server makes.
    OWNER_UID: uid,
    OWNER_NAME: name,
    OWNER_API_VERSION: apiVersion,
    OWNER_KIND: kind,
    POD_NAMESPACE: namespace,
    DBCONFIG_USER: database.user,
    DBCONFIG_DBNAME: database.name,
    DBCONFIG_HOST: databaseName(name),
    DBCONFIG_PORT: "3306",
    DB_DRIVER_NAME: "mysql",
    DBCONFIG_MYSQLCONFIG_USER: database.user,
    DBCONFIG_MYSQLCONFIG_DBNAME: database.name,
    DBCONFIG_MYSQLCONFIG_HOST: databaseName(name),
    DBCONFIG_MYSQLCONFIG_PORT: "3306",
    ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_HOST: "ds-pipeline-visualizationserver",
    ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_PORT: "8888",
    OBJECTSTORECONFIG_CREDENTIALSSECRET: store.secret,
    OBJECTSTORECONFIG_CREDENTIALSACCESSKEYKEY: store.accessKey,
    OBJECTSTORECONFIG_CREDENTIALSSECRETKEYKEY: store.secretKey,
    OBJECTSTORECONFIG_BUCKETNAME: store.bucket,
    OBJECTSTORECONFIG_REGION: store.region,
    OBJECTSTORECONFIG_HOST: store.host,
    OBJECTSTORECONFIG_PORT: store.port,
    OBJECTSTORECONFIG_SECURE: String(store.scheme === "https"),
    MINIO_SERVICE_SERVICE_HOST: store.host,
    MINIO_SERVICE_SERVICE_PORT: store.port,
    DEFAULTPIPELINERUNNERSERVICEACCOUNT: `pipeline-runner-${name}`,
    ML_PIPELINE_SERVICE_HOST: `${serverName(name)}.${namespace}.svc.cluster.local`,
    ML_PIPELINE_SERVICE_PORT_GRPC: "8887",
    EXECUTIONTYPE: "Workflow",
    CACHEENABLED: "true",
    V2_DRIVER_IMAGE: driver,
    V2_LAUNCHER_IMAGE: launcher,
    ...(store.basePath === "" ? {} : { OBJECTSTORECONFIG_PIPELINEPATH: store.basePath }),
  };
  return [
    ...Object.entries(plain).map(([key, value]) => ({ name: key, value })),
    { name: "DBCONFIG_PASSWORD", valueFrom: password },
    { name: "DBCONFIG_MYSQLCONFIG_PASSWORD", valueFrom: password },
    { name: "OBJECTSTORECONFIG_ACCESSKEY", valueFrom: secret(store.accessKey, store.secret) },
    { name: "OBJECTSTORECONFIG_SECRETACCESSKEY", valueFrom: secret(store.secretKey, store.secret) },
  ];
}
