import { versions } from "../versions.ts";

/** A folder beside this file: a go.mod and go.sum that pin one or more programs of the lab. */
export interface GoModule {
  /** Name of the folder, and of the part `<name>-build`. */
  readonly name: string;
  /** Names the place in the cache, so that an older build is never taken for this one. */
  readonly version: string;
  /** What to build: `tool` stands for every tool line of the go.mod. */
  readonly packages: readonly string[];
  /** The programs that come out. */
  readonly programs: readonly string[];
  /** Name for the program where the package's own last path element would not do. */
  readonly output?: string;
  /** Names in the lab's PATH for programs whose own names say too little there: own name -> name. */
  readonly names?: Readonly<Record<string, string>>;
  /** Modules that are built from a copy, since the proxy's zip of them is not enough. */
  readonly mended?: readonly MendedModule[];
  /** Values put into the program at link time: `package.variable=value`. */
  readonly stamps?: readonly string[];
  /** Seconds on two cores with an empty compile cache. */
  readonly cold: number;
}

/** A module of which the proxy's zip is not enough: the Go files of a copy, and what is missing. */
export interface MendedModule {
  readonly path: string;
  /** What is added: file -> a file of the module, or one below lab/go where it begins with "./". */
  readonly added: Readonly<Record<string, string>>;
}

const kubernetesVersion = "k8s.io/component-base/version";
const [major, minor] = versions.kubernetes.slice(1).split(".");

/** Every program of the lab that is built from Go modules, in the order that shares the most of the compile cache. */
export const goModules: readonly GoModule[] = [
  {
    name: "tools",
    version: [versions.crane, versions.restic, versions.versitygw].join("-"),
    packages: ["tool", "./registry"],
    programs: ["crane", "restic", "versitygw", "registry"],
    cold: 85,
  },
  { name: "etcd", version: versions.etcd, packages: ["tool"], programs: ["etcd"], output: "etcd", cold: 20 },
  {
    // One module for all that is built on k8s.io v0.34.4: together they compile its libraries once.
    name: "kubernetes",
    version: versions.kubernetes,
    packages: ["tool"],
    programs: [
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
      "kubelet",
      "kube-proxy",
      "kubectl",
      "snapshot-controller",
      "csi-snapshotter",
      "csi-provisioner",
      "csi-resizer",
      "csi-sanity",
    ],
    stamps: [
      `${kubernetesVersion}.gitVersion=${versions.kubernetes}`,
      `${kubernetesVersion}.gitMajor=${major}`,
      `${kubernetesVersion}.gitMinor=${minor}`,
      `${kubernetesVersion}.gitTreeState=clean`,
    ],
    cold: 400,
  },
  { name: "pause", version: "1", packages: ["."], programs: ["pause"], output: "pause", cold: 1 },
  { name: "coredns", version: versions.coredns, packages: ["."], programs: ["coredns"], output: "coredns", cold: 40 },
  {
    name: "model-registry",
    version: versions.modelRegistry,
    packages: ["tool"],
    programs: ["model-registry"],
    output: "model-registry",
    cold: 15,
  },
  {
    name: "notebook-controller",
    version: versions.notebookController,
    packages: ["tool"],
    programs: ["notebook-controller"],
    output: "notebook-controller",
    cold: 35,
  },
  {
    name: "kserve",
    version: versions.kserve,
    packages: ["tool"],
    programs: ["kserve-manager"],
    output: "kserve-manager",
    cold: 85,
  },
  {
    // On the same versions of the Kubernetes libraries as KServe, so that they are compiled once.
    name: "pipelines",
    version: [versions.pipelines, versions.argoWorkflows].join("-"),
    packages: ["tool"],
    programs: [
      "apiserver",
      "persistence",
      "scheduledworkflow",
      "driver",
      "launcher-v2",
      "workflow-controller",
      "argoexec",
    ],
    names: {
      apiserver: "kfp-apiserver",
      persistence: "kfp-persistence-agent",
      scheduledworkflow: "kfp-scheduled-workflow",
      driver: "kfp-driver",
      "launcher-v2": "kfp-launcher",
    },
    mended: [
      {
        path: "github.com/argoproj/argo-workflows/v3",
        // A symbolic link, which zips leave out.
        added: { "workflow/executor/os-specific/signal_linux.go": "workflow/executor/os-specific/signal_darwin.go" },
      },
      {
        path: "github.com/kubeflow/pipelines/api",
        added: { "v2alpha1/go/pipelinespec/workspace.go": "./pipelines/mends/api/workspace.go" },
      },
      {
        path: "github.com/kubeflow/pipelines/kubernetes_platform",
        added: {
          "go/kubernetesplatform/kubernetes_executor_config.pb.go":
            "./pipelines/mends/kubernetes_platform/kubernetes_executor_config.pb.go",
        },
      },
    ],
    cold: 240,
  },
];

/** Not a part of the lab: what the benchmarks compare with. */
export const veleroModule: GoModule = {
  name: "velero",
  version: [versions.velero, versions.veleroPluginForAws].join("-"),
  packages: ["tool"],
  programs: ["velero", "velero-plugin-for-aws"],
  stamps: [`github.com/vmware-tanzu/velero/pkg/buildinfo.Version=${versions.velero}`],
  cold: 180,
};
