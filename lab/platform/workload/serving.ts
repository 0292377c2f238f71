import { ensureImage } from "../../images/image.ts";
import type { Kube } from "../../kube/client.ts";
import type { LabObject } from "../../kube/object.ts";
import { appNamespace as namespace, connectionName } from "../settings.ts";

/** Step 5: two serving runtimes and two endpoints. */
export async function deployServing(kube: Kube): Promise<void> {
  await kube.apply(await mlserver());
  await kube.apply(await languageRuntime());
  await kube.apply(endpoint("iris", { name: "sklearn", version: "1" }, "mlserver-runtime", "models/iris"));
  await kube.apply(endpoint("opt125m", { name: "vLLM" }, "vllm-cpu-x86-runtime", "models/opt-125m"));
}

async function mlserver(): Promise<LabObject> {
  const container = {
    name: "kserve-container",
    image: await ensureImage("mlserver"),
    env: [
      { name: "MLSERVER_MODEL_NAME", value: "{{.Name}}" },
      { name: "MLSERVER_HTTP_PORT", value: "8080" },
      { name: "MODELS_DIR", value: "/mnt/models" },
      // With its pool of workers the endpoint was Ready and answered no request.
      { name: "MLSERVER_PARALLEL_WORKERS", value: "0" },
    ],
    ports: [{ containerPort: 8080, protocol: "TCP" }],
    readinessProbe: {
      httpGet: { path: "/v2/models/{{.Name}}/ready", port: 8080 },
      periodSeconds: 2,
      failureThreshold: 60,
    },
    resources: { requests: { cpu: "50m", memory: "256Mi" }, limits: { memory: "2Gi" } },
  };
  return runtime("mlserver-runtime", container, { name: "sklearn", version: "1", autoSelect: true });
}

/** The walkthrough's runtime by name, arguments and API; what answers is llama.cpp's server, since vLLM is gigabytes of wheels. */
async function languageRuntime(): Promise<LabObject> {
  const container = {
    name: "kserve-container",
    image: await ensureImage("llama"),
    args: ["--port=8080", "--model=/mnt/models", "--served-model-name={{.Name}}", "--max-model-len=512"],
    env: [
      { name: "HF_HOME", value: "/tmp/hf_home" },
      { name: "VLLM_CPU_KVCACHE_SPACE", value: "1" },
    ],
    ports: [{ containerPort: 8080, protocol: "TCP" }],
    readinessProbe: { httpGet: { path: "/health", port: 8080 }, periodSeconds: 2, failureThreshold: 60 },
    resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "2Gi" } },
  };
  return runtime("vllm-cpu-x86-runtime", container, { name: "vLLM", autoSelect: true });
}

function runtime(name: string, container: object, format: object): LabObject {
  return {
    apiVersion: "serving.kserve.io/v1alpha1",
    kind: "ServingRuntime",
    metadata: { name, namespace, labels: { "opendatahub.io/dashboard": "true" } },
    spec: { containers: [container], supportedModelFormats: [format] },
  };
}

function endpoint(name: string, modelFormat: object, runtimeName: string, path: string): LabObject {
  return {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: {
      name,
      namespace,
      labels: { "opendatahub.io/dashboard": "true" },
      annotations: { "serving.kserve.io/deploymentMode": "RawDeployment", "serving.kserve.io/autoscalerClass": "none" },
    },
    spec: {
      predictor: {
        minReplicas: 1,
        model: { modelFormat, runtime: runtimeName, storage: { key: connectionName, path } },
      },
    },
  };
}
