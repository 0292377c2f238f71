import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { Check } from "./check.ts";
import { gather } from "./check.ts";
import type { PlatformFact } from "./facts.ts";

/** Which part of OpenShift AI acts on a kind, by its names in the versions of a DataScienceCluster. */
const componentsOf: Readonly<Record<string, readonly string[]>> = {
  "Notebook.kubeflow.org": ["workbenches"],
  "DataSciencePipelinesApplication.datasciencepipelinesapplications.opendatahub.io": [
    "aipipelines",
    "datasciencepipelines",
  ],
  "ModelRegistry.modelregistry.opendatahub.io": ["modelregistry"],
  "InferenceService.serving.kserve.io": ["kserve"],
  "ServingRuntime.serving.kserve.io": ["kserve"],
  "LLMInferenceService.serving.kserve.io": ["kserve"],
  "InferenceGraph.serving.kserve.io": ["kserve"],
  "RayCluster.ray.io": ["ray"],
  "RayJob.ray.io": ["ray"],
  "RayService.ray.io": ["ray"],
  "TrustyAIService.trustyai.opendatahub.io": ["trustyai"],
  "LMEvalJob.trustyai.opendatahub.io": ["trustyai"],
  "GuardrailsOrchestrator.trustyai.opendatahub.io": ["trustyai"],
  "PyTorchJob.kubeflow.org": ["trainingoperator"],
  "TrainJob.trainer.kubeflow.org": ["trainer"],
  "FeatureStore.feast.dev": ["feastoperator"],
  "LlamaStackDistribution.llamastack.io": ["llamastackoperator", "ogx"],
};
const registryKind = "ModelRegistry.modelregistry.opendatahub.io";

/** OpenShift AI has switches: what a switched-off part would act on only lies there, and a registry is refused elsewhere. */
export const platform: Check = ({ facts }) => {
  const registries = new Map<string, string[]>(); // by namespace of the target
  const written = new Map<string, string[]>();
  return {
    see({ kind, key, namespace }) {
      if (!facts.platform || !componentsOf[kind]) return;
      gather(written, kind, key);
      if (kind === registryKind) gather(registries, namespace, key);
    },
    findings() {
      const { platform: there } = facts;
      if (!there) return [];
      return [...switchedOff(there, written), ...refused(there, registries), ...otherServices(there, written)];
    },
  };
};

function switchedOff({ name, components }: PlatformFact, written: ReadonlyMap<string, readonly string[]>): Finding[] {
  const off = new Map<string, string[]>();
  for (const [kind, keys] of written) {
    const known = componentsOf[kind]?.find((one) => one in components);
    if (known && components[known] !== "Managed" && components[known] !== "Unmanaged")
      for (const key of keys) gather(off, known, key);
  }
  return [...off].map(([component, keys]) => ({
    code: "PLATFORM_COMPONENT_OFF",
    severity: "warning",
    subject: `DataScienceCluster ${name}`,
    message: `its component ${component} is ${components[component] || "not set"}: nothing acts on ${someOf(keys)}`,
    advice: `kubectl patch datasciencecluster ${name} --type merge -p '{"spec":{"components":{"${component}":{"managementState":"Managed"}}}}' before the restore${component === "modelregistry" ? ", with registriesNamespace as in the point: it cannot be changed later" : ""}`,
  }));
}

/** With Headless, port 80 of an endpoint's Service leads nowhere: who asks there has to ask the pod's own port. */
function otherServices(
  { name, services, servicesBefore }: PlatformFact,
  written: ReadonlyMap<string, readonly string[]>,
): Finding[] {
  const endpoints = written.get("InferenceService.serving.kserve.io");
  if (!endpoints || !services || !servicesBefore || services === servicesBefore) return [];
  return [
    {
      code: "ENDPOINT_SERVICES_DIFFER",
      severity: "warning",
      subject: `DataScienceCluster ${name}`,
      message: `Services of endpoints were ${servicesBefore} and are ${services} here: clients of ${someOf(endpoints)} may have to ask another port`,
      advice: `kubectl patch datasciencecluster ${name} --type merge -p '{"spec":{"components":{"kserve":{"rawDeploymentServiceConfig":"${servicesBefore}"}}}}', or tell the clients`,
    },
  ];
}

function refused(
  { name, registriesNamespace }: PlatformFact,
  registries: ReadonlyMap<string, readonly string[]>,
): Finding[] {
  if (!registriesNamespace) return [];
  return [...registries].flatMap(([namespace, keys]): Finding[] => {
    if (namespace === registriesNamespace) return [];
    return [
      {
        code: "REGISTRY_NAMESPACE_REFUSED",
        severity: "error",
        subject: keys[0]!,
        message: `DataScienceCluster ${name} lets model registries be in namespace ${registriesNamespace} only: one in ${namespace} is refused`,
        advice: `restore it there (restoreNamespace: ${registriesNamespace}), or, where no registry is in use yet, set the component to Removed and then to Managed with registriesNamespace: ${namespace}`,
      },
    ];
  });
}
