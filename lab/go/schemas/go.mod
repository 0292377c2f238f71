// Not built: these modules are read for the CustomResourceDefinitions that lie in them (lab/schemas).
module holdfast.dev/lab/schemas

go 1.26

require (
	github.com/argoproj/argo-cd/v3 v3.2.0
	github.com/bitnami-labs/sealed-secrets v0.32.2
	github.com/cert-manager/cert-manager v1.19.1
	github.com/external-secrets/external-secrets v1.3.2
	github.com/fluxcd/helm-controller v1.4.0
	github.com/fluxcd/kustomize-controller v1.7.3
	github.com/fluxcd/source-controller v1.7.0
	github.com/kubeflow/spark-operator/v2 v2.4.0
	github.com/kubeflow/trainer/v2 v2.3.0
	github.com/kubeflow/training-operator v1.9.3
	github.com/openshift/api v0.0.0-20240527133614-ba11c1587003
	github.com/operator-framework/api v0.33.0
	github.com/project-codeflare/appwrapper v1.1.2
	github.com/ray-project/kuberay/ray-operator v1.6.0
	knative.dev/serving v0.44.0
	sigs.k8s.io/container-object-storage-interface-api v0.1.0
	sigs.k8s.io/jobset v0.10.1
	sigs.k8s.io/kueue v0.19.2
)
