import { type KubeObject, refOf } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { connectionFor, connectionOf, connectionsOf, endpointUrl } from "./connection.ts";
import { condition } from "./generic/readiness.ts";
import { isKind, kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { leads } from "./paths.ts";
import type { BucketUse, GroupKind, NotRestored, Profile, Reference } from "./profile.ts";
import { rowsAt } from "./rows-at.ts";
import { valueOf } from "./secret-values.ts";

export const pipelineServer: GroupKind = {
  group: "datasciencepipelinesapplications.opendatahub.io",
  kind: "DataSciencePipelinesApplication",
};
export const scheduledWorkflow: GroupKind = { group: "kubeflow.org", kind: "ScheduledWorkflow" };
const pipeline: GroupKind = { group: "pipelines.kubeflow.org", kind: "Pipeline" };
const pipelineVersion: GroupKind = { group: "pipelines.kubeflow.org", kind: "PipelineVersion" };
const pipelineKinds = [pipeline, pipelineVersion];

/** What the settings of a pipeline server name. Without a name of its own the operator makes a Secret: see `references`. */
const serverPaths = [
  leads(pipelineServer, "spec.database.externalDB.passwordSecret.name", kinds.secret, {
    rule: "dspa.database.externalDB.passwordSecret",
  }),
  leads(pipelineServer, "spec.apiServer.cABundle.configMapName", kinds.configMap, { rule: "dspa.apiServer.cABundle" }),
  leads(pipelineServer, "spec.apiServer.customServerConfigMap.name", kinds.configMap, {
    rule: "dspa.apiServer.customServerConfigMap",
  }),
  leads(pipelineServer, "spec.apiServer.customKfpLauncherConfigMap", kinds.configMap, {
    rule: "dspa.apiServer.customKfpLauncherConfigMap",
  }),
  leads(pipelineServer, "spec.workflowController.customConfig", kinds.configMap, {
    rule: "dspa.workflowController.customConfig",
  }),
  ...["spec.database.mariaDB", "spec.objectStorage.minio", "spec.apiServer.workspace.volumeClaimTemplateSpec"].map(
    (path) =>
      leads(pipelineServer, `${path}.storageClassName`, kinds.storageClass, {
        rule: "dspa.storageClassName",
        within: "cluster",
      }),
  ),
  ...[
    "spec{*}.image",
    "spec.database.mariaDB.image",
    "spec.mlmd{*}.image",
    "spec.apiServer.managedPipelines.image",
  ].map((path) => leads(pipelineServer, path, "image", { rule: "dspa.image" })),
  leads(pipelineServer, "spec.apiServer.argoLauncherImage", "image", { rule: "dspa.image" }),
  leads(pipelineServer, "spec.apiServer.argoDriverImage", "image", { rule: "dspa.image" }),
];

/** What the tasks of a pipeline mount and read is a part of its version, beside the program. */
const executor = "spec.platformSpec.platforms.kubernetes.deploymentSpec.executors{*}";
const constant = "runtimeValue.constant";
const mounted: readonly (readonly [field: string, name: string, to: GroupKind])[] = [
  ["secretAsVolume", "secretName", kinds.secret],
  ["secretAsEnv", "secretName", kinds.secret],
  ["configMapAsVolume", "configMapName", kinds.configMap],
  ["configMapAsEnv", "configMapName", kinds.configMap],
  ["pvcMount", "pvcName", kinds.claim],
  ["imagePullSecret", "secretName", kinds.secret],
];
const versionPaths = [
  leads(pipelineVersion, "spec.pipelineName", pipeline),
  leads(pipelineVersion, "spec.pipelineSpecURI", "uri"),
  leads(pipelineVersion, "spec.codeSourceURL", "uri"),
  leads(pipelineVersion, "spec.pipelineSpec.deploymentSpec.executors{*}.container.image", "image", {
    rule: "pipelineVersion.executors.image",
  }),
  leads(pipelineVersion, `${executor}.initContainers[*].image`, "image", { rule: "pipelineVersion.executors.image" }),
  ...mounted.flatMap(([field, name, to]) =>
    [name, `${name}Parameter.${constant}`].map((path) =>
      leads(pipelineVersion, `${executor}.${field}[*].${path}`, to, { rule: `pipelineVersion.executors.${field}` }),
    ),
  ),
  leads(pipelineVersion, `${executor}.pvcMount[*].constant`, kinds.claim, {
    rule: "pipelineVersion.executors.pvcMount",
  }),
  leads(
    pipelineVersion,
    `${executor}.podResourceClaims[*].resourceClaimTemplateName`,
    { group: "resource.k8s.io", kind: "ResourceClaimTemplate" },
    { rule: "pipelineVersion.executors.podResourceClaims" },
  ),
];

/**
 * The pipeline server: experiments, runs and lineage are rows of its database, artifacts lie in its bucket. Its operator
 * makes every workload again, but neither the rows nor the passwords that fit them.
 */
export const pipelines: Profile = {
  name: "pipelines",
  about: {
    is: "Data Science Pipelines and Kubeflow Pipelines: the server, pipelines, recurring runs.",
    left: "Deployments, Services, routes and certificates of the server.",
    keeps:
      "The database's claim and password, the bucket's Secret, recurring runs and pipelines, although the server owns them.",
    status: "The server starts clean; a recurring run keeps it, since it is refused without.",
  },
  kinds: [pipelineServer, scheduledWorkflow, ...pipelineKinds],
  paths: [
    ...serverPaths,
    ...versionPaths,
    leads(scheduledWorkflow, "spec.serviceAccount", kinds.serviceAccount, { optional: true }),
    leads(scheduledWorkflow, "spec.workflow.pipelineRoot", "uri"),
  ],
  references,
  children,
  keeps,
  rows: [rowsAt(pipelineServer, "spec.database.externalDB.host")],
  buckets: (all) => all.ofKind(pipelineServer.group, pipelineServer.kind).flatMap((one) => useOfServer(one, all)),
  readiness: (object) => (isKind(object, pipelineServer) ? condition(object, "Ready") : undefined),
  restoreRules: [
    startsClean("pipeline-server", [pipelineServer], "its parts are made again, and it asks each whether it is up"),
    {
      id: "recurring-run-disabled",
      kinds: [scheduledWorkflow],
      why: "nothing runs by itself after a restore, and the time that was missed is not made up for",
      change: disable,
    },
  ],
  order: [
    {
      kind: pipelineVersion,
      after: [pipeline],
      why: "its webhook looks for its pipeline, and links the two",
    },
    {
      kind: pipelineServer,
      after: [kinds.secret, kinds.configMap, kinds.claim],
      why: "its operator uses the passwords and the database volume that it finds, and makes empty ones where it finds none",
    },
    { kind: scheduledWorkflow, after: [pipelineServer], why: "recurring runs belong to their pipeline server" },
  ],
};

/** What has a name by default: the operator looks for it, and makes it where it finds none. */
function references(object: KubeObject): readonly Reference[] {
  const { namespace, name } = object.metadata;
  const found: Reference[] = [];
  const add = (of: GroupKind, target: unknown, kind: Reference["kind"], rule: string, optional = false) => {
    if (typeof target !== "string" || target === "") return;
    found.push({ to: { ...of, namespace, name: target }, kind, rule, ...(optional ? { optional } : {}) });
  };
  if (!isKind(object, pipelineServer)) return [];
  const { database = {}, objectStorage = {} } = object.spec ?? {};
  const { externalDB, mariaDB } = database;
  const { externalStorage, minio } = objectStorage;
  if (!externalDB) {
    const secret = mariaDB?.passwordSecret?.name;
    // Without a name of its own the operator makes one, sooner or later.
    add(kinds.secret, secret ?? `ds-pipeline-db-${name}`, "reads", "dspa.database.mariaDB.passwordSecret", !secret);
    add(kinds.claim, `mariadb-${name}`, "stores", "dspa.database.mariaDB", true);
  }
  const s3 = (externalStorage ?? minio)?.s3CredentialsSecret?.secretName;
  add(kinds.secret, s3 ?? `ds-pipeline-s3-${name}`, "reads", "dspa.objectStorage.s3CredentialsSecret", !s3);
  if (!externalStorage) add(kinds.claim, `minio-${name}`, "stores", "dspa.objectStorage.minio", true);
  return found;
}

/** Names that the operator gives to its workloads, Services and Routes: "ds-pipeline-persistenceagent-<server>". */
const parts = [
  "mariadb-",
  "minio-",
  "ds-pipeline-",
  "ds-pipeline-persistenceagent-",
  "ds-pipeline-scheduledworkflow-",
  "ds-pipeline-workflow-controller-",
  "ds-pipeline-metadata-grpc-",
  "ds-pipeline-metadata-envoy-",
];
const workloads = new Set([
  "Deployment.apps",
  "Service.",
  "Route.route.openshift.io",
  "NetworkPolicy.networking.k8s.io",
]);

/** What the operator makes, also where its owner reference was lost; and certificates that this cluster issued. */
function children(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  const { group, kind, namespace, name } = refOf(object);
  const server = all
    .ofKind(pipelineServer.group, pipelineServer.kind, namespace)
    .find((one) => name.endsWith(`-${one.metadata.name}`));
  if (!server) return undefined;
  const own = server.metadata.name;
  if (isKind(object, kinds.secret) && /^ds-pipelines-(proxy|mariadb)-tls-/.test(name)) {
    return { rule: "issued-secret", reason: `the certificate of pipeline server ${own} is issued by the cluster` };
  }
  if (!workloads.has(`${kind}.${group}`) || !parts.some((part) => name === part + own)) return undefined;
  return { rule: "child-of-controller", reason: `${server.kind}/${own} makes it again` };
}

/**
 * Recurring runs and pipelines hang on their server or pipeline, which makes none of them again; the database volume and
 * the passwords would be made again, but empty, and not fitting.
 */
function keeps(object: KubeObject, all: ObjectSet): boolean {
  if ([scheduledWorkflow, ...pipelineKinds].some((kind) => isKind(object, kind))) return true;
  if (!isKind(object, kinds.claim) && !isKind(object, kinds.secret)) return false;
  const names = isKind(object, kinds.claim) ? ["mariadb-", "minio-"] : ["ds-pipeline-db-", "ds-pipeline-s3-"];
  return all
    .ofKind(pipelineServer.group, pipelineServer.kind, object.metadata.namespace)
    .some((server) => names.some((part) => object.metadata.name === part + server.metadata.name));
}

/** The bucket of the artifacts. Its Secret may name its keys as it likes; a connection with the same access key reaches it too. */
function useOfServer(server: KubeObject, all: ObjectSet): readonly BucketUse[] {
  const storage = server.spec?.objectStorage?.externalStorage;
  if (typeof storage?.bucket !== "string" || storage.bucket === "") return [];
  const { namespace = "", name } = server.metadata;
  const { secretName, accessKey } = storage.s3CredentialsSecret ?? {};
  const secret = secretName && all.get({ ...kinds.secret, namespace, name: secretName });
  const key = secret && accessKey ? valueOf(secret, accessKey) : undefined;
  const connection =
    connectionOf(secret || undefined) ??
    connectionsOf(all).find((one) => key !== undefined && one.accessKey === key) ??
    connectionFor(storage.bucket, namespace, all);
  return [
    {
      bucket: storage.bucket,
      prefix: String(storage.basePath ?? "").replace(/^\/+/, ""),
      because: `pipeline server ${namespace}/${name} keeps the artifacts of its runs there`,
      by: refOf(server),
      endpoint: endpointOf(storage) ?? connection?.endpoint,
      region: storage.region || connection?.region,
      ...(connection ? { credentials: connection.credentials } : {}),
    },
  ];
}

function endpointOf({ scheme, host, port }: { scheme?: string; host?: string; port?: unknown }): string | undefined {
  if (!host) return undefined;
  return endpointUrl(`${scheme || "https"}://${host}${port ? `:${port}` : ""}`);
}

const wasEnabled = "holdfast.dev/was-enabled";

function disable(workflow: KubeObject): KubeObject {
  workflow.spec ??= {};
  if (workflow.spec.enabled !== false) {
    const how = `true: kubectl patch scheduledworkflow ${workflow.metadata.name} --type merge -p '{"spec":{"enabled":true}}'`;
    workflow.metadata.annotations = { ...workflow.metadata.annotations, [wasEnabled]: how };
  }
  workflow.spec.enabled = false;
  workflow.spec.noCatchup = true;
  return workflow;
}

/** Is it a recurring run or a run of a pipeline server, which has its rows? */
export function runsOfServer(object: KubeObject): boolean {
  if (isKind(object, scheduledWorkflow)) return true;
  return object.kind === "Workflow" && object.metadata.labels?.["pipeline/runid"] !== undefined;
}

/** A workload of Kubeflow's own manifests (they have no operator) that reads the server's rows, or starts runs by them. */
export function isPipelinePart(object: KubeObject): boolean {
  return /^(ml-pipeline|ml-pipeline-persistenceagent|ml-pipeline-scheduledworkflow)$/.test(
    isKind(object, kinds.deployment) ? object.metadata.name : "",
  );
}
