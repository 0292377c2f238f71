import { mkdirSync, readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { ensureCertificate } from "../cluster/pki.ts";
import { ensureImage } from "../images/image.ts";
import type { Kube } from "../kube/client.ts";
import type { LabObject } from "../kube/object.ts";
import { network } from "../network.ts";
import { adminKubeconfig, configDir, program } from "../paths.ts";
import { ensureProcess } from "../run/process.ts";
import { answers } from "./http.ts";
import { established } from "./established.ts";
import { manifest } from "./manifests.ts";
import { platformNamespace, ports } from "./settings.ts";

/** Kinds that are of no use when the manager runs beside the cluster, as administrator, and cert-manager is not there. */
const unused =
  /^(Deployment|DaemonSet|Service|ServiceAccount|RoleBinding|ClusterRoleBinding|Certificate|Issuer|Secret)$/;

/** The address that an InferenceService reports: its predictor's Service. */
const domainTemplate = "{{ .Name }}-predictor.{{ .Namespace }}.{{ .IngressDomain }}";

/** KServe: its own manifests, its manager as a process on the node, its webhooks by URL with a certificate of the lab's authority. */
export async function deployKserve(kube: Kube): Promise<void> {
  const all = (await manifest("kserve.yaml")).filter(
    (object) => !unused.test(object.kind) && !object.metadata.name.includes("localmodel-"),
  );
  const webhooks = all.filter(
    (object) => object.kind.endsWith("WebhookConfiguration") && !object.metadata.name.startsWith("localmodel"),
  );
  const rest = all.filter((object) => !object.kind.endsWith("WebhookConfiguration"));
  for (const object of rest) await kube.apply(object.kind === "ConfigMap" ? rawDeployment(object) : object);
  await established(kube, rest);
  await kube.apply(await storageContainer());
  const certificate = await startManager();
  const caBundle = readFileSync(certificate.ca).toString("base64");
  for (const object of webhooks) await kube.apply(byUrl(object, caBundle));
}

async function startManager(): Promise<{ ca: string }> {
  const certificate = await ensureCertificate({
    name: "kserve-webhooks",
    commonName: "kserve-webhooks",
    hosts: [network.bridgeAddress],
  });
  // The manager looks for its certificate below the folder for temporary files.
  const folder = configDir("kserve", "k8s-webhook-server", "serving-certs");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await cp(certificate.certificate, join(folder, "tls.crt"));
  await cp(certificate.key, join(folder, "tls.key"));
  await ensureProcess({
    name: "kserve-manager",
    command: program("kserve-manager"),
    args: [
      `--kubeconfig=${adminKubeconfig()}`,
      `--webhook-port=${ports.webhooks}`,
      `--metrics-addr=127.0.0.1:${ports.kserveMetrics}`,
      `--health-probe-addr=127.0.0.1:${ports.kserveHealth}`,
    ],
    env: { TMPDIR: configDir("kserve"), POD_NAMESPACE: platformNamespace },
    inputs: [certificate.certificate],
    ready: {
      describe: "KServe's manager to answer on its health port",
      check: () => answers(`http://127.0.0.1:${ports.kserveHealth}/readyz`),
      seconds: 60,
    },
  });
  return certificate;
}

/** RawDeployment mode: plain Deployments, no service mesh; requests small enough for a node of two cores. */
function rawDeployment(config: LabObject): LabObject {
  const { _example, ...data } = config["data"];
  const merged = (field: string, change: object) => JSON.stringify({ ...JSON.parse(data[field]), ...change });
  const resource = { cpuRequest: "20m", memoryRequest: "64Mi", cpuLimit: "2", memoryLimit: "2Gi" };
  return {
    ...config,
    data: {
      ...data,
      deploy: merged("deploy", { defaultDeploymentMode: "RawDeployment" }),
      ingress: merged("ingress", {
        disableIngressCreation: true,
        disableIstioVirtualHost: true,
        ingressDomain: "svc.cluster.local",
        domainTemplate,
      }),
      // Headless predictor Services, as on OpenShift AI: port 80 leads nowhere, 8080 to the pods.
      service: JSON.stringify({ serviceClusterIPNone: true }),
      inferenceService: merged("inferenceService", { resource }),
    },
  };
}

async function storageContainer(): Promise<LabObject> {
  const resources = { requests: { cpu: "20m", memory: "64Mi" }, limits: { cpu: "1", memory: "1Gi" } };
  return {
    apiVersion: "serving.kserve.io/v1alpha1",
    kind: "ClusterStorageContainer",
    metadata: { name: "default" },
    spec: {
      container: { name: "storage-initializer", image: await ensureImage("storage-initializer"), resources },
      supportedUriFormats: [{ prefix: "s3://" }],
      workloadType: "initContainer",
    },
  };
}

function byUrl(configuration: LabObject, caBundle: string): LabObject {
  // biome-ignore lint/suspicious/noExplicitAny: the webhooks of a configuration.
  const webhooks = configuration["webhooks"].map((webhook: any) => ({
    ...webhook,
    clientConfig: {
      url: `https://${network.bridgeAddress}:${ports.webhooks}${webhook.clientConfig.service.path}`,
      caBundle,
    },
  }));
  return { ...configuration, metadata: { name: configuration.metadata.name }, webhooks };
}
