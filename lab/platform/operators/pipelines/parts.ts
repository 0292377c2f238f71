import type { LabObject } from "../../../kube/object.ts";
import { configMapKind, networkPolicyKind, serviceKind } from "../kinds.ts";
import { apiServerEnv } from "./api-server-env.ts";
import { deployment, small } from "./deployment.ts";
import { metadataOf } from "./metadata.ts";
import { labelsOf, partName, type PipelineImages, serverName, type ServerSpec, storeEndpoint } from "./spec.ts";

/** API server, agents and workflow controller, as the real operator lays them out; without TLS between them. */
export function partsOf(spec: ServerSpec, images: PipelineImages): LabObject[] {
  const off = unwanted(spec);
  return [
    ...configuration(spec),
    apiServer(spec, images),
    persistenceAgent(spec, images.persistenceAgent),
    scheduledWorkflow(spec, images.scheduledWorkflow),
    workflowController(spec, images),
    ...(spec.deploy.mlmd ? metadataOf(spec, images.metadata) : []),
    ...network(spec),
  ].filter((part) => part.kind !== "Deployment" || !off.includes(part.metadata.name));
}

/** The Deployments that the server does without. */
export function unwanted({ name, deploy }: ServerSpec): string[] {
  return [
    ...(deploy.apiServer ? [] : [serverName(name)]),
    ...(deploy.persistenceAgent ? [] : [partName("persistenceagent", name)]),
    ...(deploy.scheduledWorkflow ? [] : [partName("scheduledworkflow", name)]),
    ...(deploy.mlmd ? [] : [partName("metadata-grpc", name)]),
  ];
}

function configuration(spec: ServerSpec): LabObject[] {
  const { name, namespace, store } = spec;
  const server = {
    DBConfig: { MySQLConfig: { ExtraParams: { tls: "false" }, GroupConcatMaxLen: "4194304" }, ConMaxLifeTime: "120s" },
    ObjectStoreConfig: { PipelinePath: "pipelines" },
    DBDriverName: "mysql",
    ARCHIVE_CONFIG_LOG_FILE_NAME: "main.log",
    ARCHIVE_CONFIG_LOG_PATH_PREFIX: "/artifacts",
    InitConnectionTimeout: "6m",
  };
  const secretOf = (key: string) => ({ name: store.secret, key });
  const artifacts = {
    archiveLogs: false,
    s3: {
      endpoint: storeEndpoint(spec),
      bucket: store.bucket,
      region: store.region,
      keyFormat: `${store.basePath ? `${store.basePath}/` : ""}artifacts/{{workflow.name}}/{{pod.name}}`,
      insecure: store.scheme === "http",
      accessKeySecret: secretOf(store.accessKey),
      secretKeySecret: secretOf(store.secretKey),
    },
  };
  const root = `s3://${store.bucket}${store.basePath ? `/${store.basePath}` : ""}`;
  const secretRef = { secretName: store.secret, accessKeyKey: store.accessKey, secretKeyKey: store.secretKey };
  const providers = {
    s3: {
      default: {
        endpoint: storeEndpoint(spec),
        region: store.region,
        disableSSL: store.scheme === "http",
        credentials: { fromEnv: false, secretRef },
      },
    },
  };
  const own = (at: string, app: string, data: Record<string, string>): LabObject => ({
    ...configMapKind,
    metadata: { name: at, namespace, labels: labelsOf(app, name) },
    data,
  });
  return [
    own(`ds-pipeline-server-config-${name}`, serverName(name), { "config.json": JSON.stringify(server) }),
    own("kfp-launcher", serverName(name), { defaultPipelineRoot: root, providers: JSON.stringify(providers) }),
    own(partName("workflow-controller", name), partName("workflow-controller", name), {
      artifactRepository: JSON.stringify(artifacts),
      executor: JSON.stringify({
        imagePullPolicy: "IfNotPresent",
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "512Mi" } },
      }),
    }),
  ];
}

function apiServer(spec: ServerSpec, images: PipelineImages): LabObject {
  const { name } = spec;
  const health = { httpGet: { path: "/apis/v1beta1/healthz", port: "http" }, periodSeconds: 2, timeoutSeconds: 2 };
  return deployment(spec, serverName(name), {
    containers: [
      {
        name: "ds-pipeline-api-server",
        image: images.apiServer,
        command: ["/bin/apiserver"],
        args: ["--config=/config", "-logtostderr=true"],
        env: apiServerEnv(spec, images),
        ports: [
          { containerPort: 8888, name: "http", protocol: "TCP" },
          { containerPort: 8887, name: "grpc", protocol: "TCP" },
        ],
        readinessProbe: health,
        livenessProbe: { ...health, initialDelaySeconds: 30, periodSeconds: 10, failureThreshold: 6 },
        volumeMounts: [{ name: "server-config", mountPath: "/config" }],
        resources: { requests: { cpu: "20m", memory: "96Mi" }, limits: { memory: "1Gi" } },
      },
    ],
    volumes: [{ name: "server-config", configMap: { name: `ds-pipeline-server-config-${name}` } }],
  });
}

function persistenceAgent(spec: ServerSpec, image: string): LabObject {
  const own = partName("persistenceagent", spec.name);
  const tokens = "/var/run/secrets/kubeflow/tokens";
  const token = {
    serviceAccountToken: {
      path: "persistenceagent-sa-token",
      expirationSeconds: 3600,
      audience: "pipelines.kubeflow.org",
    },
  };
  return deployment(spec, own, {
    containers: [
      {
        name: "ds-pipeline-persistenceagent",
        image,
        command: [
          "/bin/persistence_agent",
          "--logtostderr=true",
          `--ttlSecondsAfterWorkflowFinish=${spec.keepWorkflows}`,
          "--numWorker=2",
          `--mlPipelineAPIServerName=${serverName(spec.name)}`,
          `--namespace=${spec.namespace}`,
          "--mlPipelineServiceHttpPort=8888",
          "--mlPipelineServiceGRPCPort=8887",
        ],
        env: [{ name: "NAMESPACE", value: spec.namespace }],
        volumeMounts: [{ name: "tokens", mountPath: tokens }],
        resources: small,
      },
    ],
    volumes: [{ name: "tokens", projected: { sources: [token] } }],
  });
}

function scheduledWorkflow(spec: ServerSpec, image: string): LabObject {
  const own = partName("scheduledworkflow", spec.name);
  return deployment(spec, own, {
    containers: [
      {
        name: "ds-pipeline-scheduledworkflow",
        image,
        command: [
          "/bin/controller",
          "--logtostderr=true",
          `--namespace=${spec.namespace}`,
          `--mlPipelineAPIServerName=${serverName(spec.name)}`,
        ],
        env: [
          { name: "NAMESPACE", value: spec.namespace },
          { name: "CRON_SCHEDULE_TIMEZONE", value: "UTC" },
        ],
        resources: small,
      },
    ],
  });
}

function workflowController(spec: ServerSpec, images: PipelineImages): LabObject {
  const own = partName("workflow-controller", spec.name);
  return deployment(spec, own, {
    securityContext: { runAsNonRoot: true },
    containers: [
      {
        name: "ds-pipeline-workflow-controller",
        image: images.workflowController,
        command: ["/bin/workflow-controller"],
        args: ["--configmap", own, "--executor-image", images.argoexec, "--namespaced"],
        env: [{ name: "LEADER_ELECTION_IDENTITY", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        ports: [{ containerPort: 9090, name: "metrics", protocol: "TCP" }],
        livenessProbe: { httpGet: { path: "/healthz", port: 6060 }, initialDelaySeconds: 90, periodSeconds: 60 },
        resources: small,
      },
    ],
  });
}

function network({ name, namespace }: ServerSpec): LabObject[] {
  const own = serverName(name);
  const labels = labelsOf(own, name);
  const ports = [
    { name: "http", port: 8888, targetPort: "http", protocol: "TCP" },
    { name: "grpc", port: 8887, targetPort: "grpc", protocol: "TCP" },
  ];
  const service = (at: string): LabObject => ({
    ...serviceKind,
    metadata: { name: at, namespace, labels },
    spec: { selector: labels, ports },
  });
  const pods = (app: string) => ({ podSelector: { matchLabels: { app, component: "data-science-pipelines" } } });
  return [
    service(own),
    // The name by which drivers and launchers find the server.
    service("ml-pipeline"),
    {
      ...networkPolicyKind,
      metadata: { name: `ds-pipelines-${name}`, namespace, labels },
      spec: {
        podSelector: { matchLabels: { app: own, component: "data-science-pipelines" } },
        policyTypes: ["Ingress"],
        ingress: [
          { ports: [{ protocol: "TCP", port: 8443 }] },
          {
            from: [
              { podSelector: { matchLabels: { "opendatahub.io/workbenches": "true" } } },
              { podSelector: { matchLabels: { "pipelines.kubeflow.org/v2_component": "true" } } },
              pods(partName("persistenceagent", name)),
              pods(partName("scheduledworkflow", name)),
            ],
            ports: [8888, 8887].map((port) => ({ protocol: "TCP", port })),
          },
        ],
      },
    },
  ];
}
