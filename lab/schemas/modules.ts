/** Where the CustomResourceDefinitions of the profiles' kinds are had from: Go modules, pinned in folders of lab/go. */
export interface SchemaModule {
  /** Names of the profiles whose kinds are defined there. */
  readonly profiles: readonly string[];
  readonly module: string;
  /** The folder of lab/go that pins it; "schemas" where it is pinned for this only. */
  readonly go?: string;
  /** The folder in the module; its files that are CustomResourceDefinitions are taken. */
  readonly folder: string;
  /** Where it holds several sets of them: how the names of the right files end. */
  readonly ends?: string;
}

export const schemaModules: readonly SchemaModule[] = [
  {
    profiles: ["trainer", "app-wrapper"],
    module: "github.com/kubeflow/training-operator",
    folder: "manifests/base/crds",
  },
  { profiles: ["trainer"], module: "github.com/kubeflow/trainer/v2", folder: "manifests/base/crds" },
  { profiles: ["trainer", "batch"], module: "sigs.k8s.io/jobset", folder: "config/components/crd/bases" },
  { profiles: ["ray"], module: "github.com/ray-project/kuberay/ray-operator", folder: "config/crd/bases" },
  { profiles: ["kueue"], module: "sigs.k8s.io/kueue", folder: "config/components/crd/bases" },
  { profiles: ["spark"], module: "github.com/kubeflow/spark-operator/v2", folder: "config/crd/bases" },
  { profiles: ["app-wrapper"], module: "github.com/project-codeflare/appwrapper", folder: "config/crd/bases" },
  { profiles: ["cosi"], module: "sigs.k8s.io/container-object-storage-interface-api", folder: "crds" },
  { profiles: ["cert-manager"], module: "github.com/cert-manager/cert-manager", folder: "deploy/crds" },
  {
    profiles: ["external-secrets"],
    module: "github.com/external-secrets/external-secrets",
    folder: "config/crds/bases",
  },
  {
    profiles: ["sealed-secrets"],
    module: "github.com/bitnami-labs/sealed-secrets",
    folder: "helm/sealed-secrets/crds",
  },
  { profiles: ["gitops"], module: "github.com/argoproj/argo-cd/v3", folder: "manifests/crds" },
  { profiles: ["gitops"], module: "github.com/fluxcd/kustomize-controller", folder: "config/crd/bases" },
  { profiles: ["gitops"], module: "github.com/fluxcd/helm-controller", folder: "config/crd/bases" },
  { profiles: ["gitops"], module: "github.com/fluxcd/source-controller", folder: "config/crd/bases" },
  { profiles: ["knative"], module: "knative.dev/serving", folder: "config/core/300-resources" },
  { profiles: ["olm"], module: "github.com/operator-framework/api", folder: "crds" },
  { profiles: ["openshift"], module: "github.com/openshift/api", folder: "security/v1/zz_generated.crd-manifests" },
  {
    profiles: ["platform-config"],
    module: "github.com/openshift/api",
    folder: "route/v1/zz_generated.crd-manifests",
    ends: "-Default.crd.yaml",
  },
  {
    profiles: ["kserve", "serving-parts"],
    module: "github.com/kserve/kserve",
    go: "kserve",
    folder: "install/v0.15.2",
    ends: "kserve.yaml",
  },
  {
    profiles: ["notebook"],
    module: "github.com/kubeflow/kubeflow/components/notebook-controller",
    go: "notebook-controller",
    folder: "config/crd/bases",
  },
  {
    profiles: ["argo-workflows"],
    module: "github.com/argoproj/argo-workflows/v3",
    go: "pipelines",
    folder: "manifests/base/crds/minimal",
  },
  {
    profiles: ["pipelines"],
    module: "github.com/kubeflow/pipelines",
    go: "pipelines",
    folder: "manifests/kustomize/base/crds",
  },
  {
    profiles: ["pipelines"],
    module: "github.com/kubeflow/pipelines",
    go: "pipelines",
    folder: "manifests/kustomize/base/pipeline/cluster-scoped",
    ends: "scheduled-workflow-crd.yaml",
  },
];

const notInProxy = "its operator's Go module is not to be had from a module proxy";

/** Profiles, or kinds of them, whose definitions could not be had, and why: their samples are written by hand from the source. */
export const withoutSchema: Readonly<Record<string, string>> = {
  katib: notInProxy,
  mlflow: notInProxy,
  feast: notInProxy,
  "vector-store": notInProxy,
  "trusty-ai": notInProxy,
  "llama-stack": notInProxy,
  "model-registry": notInProxy,
  noobaa: notInProxy,
  "object-bucket-claim": notInProxy,
  workspace: notInProxy,
  kubeflow: notInProxy,
  connections: "it has no kinds of its own",
  helm: "it has no kinds of its own",
};

const served = "an API server of OpenShift serves it, without a definition";

/** Kinds of profiles that have definitions otherwise. */
export const kindsWithoutSchema: Readonly<Record<string, string>> = {
  "PodGroup.scheduling.x-k8s.io": notInProxy,
  "PodGroup.scheduling.volcano.sh": notInProxy,
  "ImageUpdateAutomation.image.toolkit.fluxcd.io": notInProxy,
  "Ingress.networking.internal.knative.dev": "its definition is in a module that is not had here",
  "BuildConfig.build.openshift.io": served,
  "Build.build.openshift.io": served,
  "ImageStream.image.openshift.io": served,
  "DeploymentConfig.apps.openshift.io": served,
  "Template.template.openshift.io": served,
  "TemplateInstance.template.openshift.io": served,
  "DataSciencePipelinesApplication.datasciencepipelinesapplications.opendatahub.io": notInProxy,
  "DataScienceCluster.datasciencecluster.opendatahub.io": notInProxy,
  "DSCInitialization.dscinitialization.opendatahub.io": notInProxy,
  "HardwareProfile.infrastructure.opendatahub.io": notInProxy,
  "HardwareProfile.dashboard.opendatahub.io": notInProxy,
  "AcceleratorProfile.dashboard.opendatahub.io": notInProxy,
  "LLMInferenceService.serving.kserve.io": "the pinned version of KServe does not have it yet",
  "LLMInferenceServiceConfig.serving.kserve.io": "the pinned version of KServe does not have it yet",
  "Account.nim.opendatahub.io": notInProxy,
};
