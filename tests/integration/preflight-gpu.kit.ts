/** Two clusters with GPU nodes, made of objects alone: no kubelet is needed for what a preflight looks at. */
import { waitFor } from "../../src/base/wait.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import type { KubeClient, ResourcePath } from "../../src/kube/contract.ts";
import { crds, namespaces, nodes, pods } from "../../src/kube/well-known.ts";
import { serveKind } from "./restore-kit.ts";

export const image = "quay.io/team/vllm:1";
const digest = `sha256:${"a".repeat(64)}`;

const cluster = (group: string, version: string, plural: string): ResourcePath => ({ group, version, plural });
export const resources = {
  runtimeClasses: cluster("node.k8s.io", "v1", "runtimeclasses"),
  deviceClasses: cluster("resource.k8s.io", "v1", "deviceclasses"),
  slices: cluster("resource.k8s.io", "v1", "resourceslices"),
  policies: cluster("nvidia.com", "v1", "clusterpolicies"),
  queues: cluster("kueue.x-k8s.io", "v1beta1", "clusterqueues"),
  flavors: cluster("kueue.x-k8s.io", "v1beta1", "resourceflavors"),
};
const statefulSets: ResourcePath = { group: "apps", version: "v1", plural: "statefulsets", namespaced: true };
const own = (group: string, version: string, plural: string): ResourcePath => ({
  group,
  version,
  plural,
  namespaced: true,
});

/** Each kind of node that something runs on. What a poorer cluster has instead stands in the second column. */
const pools: Readonly<Record<string, readonly [labels: Labels, allocatable: Labels, poorer?: Poorer]>> = {
  fp8: [
    gpu("NVIDIA-H100-80GB-HBM3", "9.0", 81_559),
    { "nvidia.com/gpu": "8" },
    { labels: gpu("NVIDIA-A100-SXM4-80GB", "8.0", 81_559) },
  ],
  big: [
    gpu("NVIDIA-A100-SXM4-80GB", "8.0", 81_920),
    { "nvidia.com/gpu": "8" },
    { labels: gpu("NVIDIA-A100-SXM4-40GB", "8.0", 40_960) },
  ],
  cuda: [
    gpu("NVIDIA-L4", "8.9", 23_034),
    { "nvidia.com/gpu": "4" },
    { labels: { ...gpu("NVIDIA-L4", "8.9", 23_034), ...driver("535.104.05", "12.2") } },
  ],
  slice: [
    gpu("NVIDIA-A100-SXM4-40GB", "8.0", 40_960),
    { "nvidia.com/mig-1g.5gb": "7" },
    { allocatable: { "nvidia.com/mig-1g.10gb": "4" } },
  ],
  wide: [
    gpu("NVIDIA-A100-SXM4-80GB", "8.0", 81_920),
    { "nvidia.com/gpu": "8" },
    { allocatable: { "nvidia.com/gpu": "4" } },
  ],
  shared: [
    gpu("Tesla-T4", "7.5", 15_360),
    { "nvidia.com/gpu": "4" },
    { labels: { ...gpu("Tesla-T4-SHARED", "7.5", 15_360), "nvidia.com/gpu.replicas": "4" } },
  ],
  idle: [gpu("Tesla-T4", "7.5", 15_360), { "nvidia.com/gpu": "1" }, { allocatable: {} }],
  wing: [{}, {}, { arch: "arm64" }],
  paged: [{}, { "hugepages-2Mi": "4Gi" }, { allocatable: {} }],
  fast: [{ disk: "nvme" }, {}, { labels: {} }],
};

type Labels = Readonly<Record<string, string>>;
interface Poorer {
  readonly labels?: Labels;
  readonly allocatable?: Labels;
  readonly arch?: string;
}

function gpu(product: string, capability: string, memory: number): Labels {
  const [major = "", minor = ""] = capability.split(".");
  return {
    "nvidia.com/gpu.present": "true",
    "nvidia.com/gpu.product": product,
    "nvidia.com/gpu.memory": String(memory),
    "nvidia.com/gpu.compute.major": major,
    "nvidia.com/gpu.compute.minor": minor,
    "nvidia.com/gfd.timestamp": "1763700000",
    ...driver("550.90.07", "12.4"),
  };
}

function driver(version: string, cuda: string): Labels {
  return { "nvidia.com/cuda.driver-version.full": version, "nvidia.com/cuda.runtime-version.full": cuda };
}

export async function makeNodes(client: KubeClient, isPoor = false): Promise<void> {
  for (const [pool, [labels, allocatable, less = {}]] of Object.entries(pools)) {
    const change = isPoor ? less : {};
    const arch = change.arch ?? "amd64";
    await client.remove(nodes, pool);
    const node = await client.create(nodes, {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: pool, labels: { pool, "kubernetes.io/arch": arch, ...(change.labels ?? labels) } },
      status: {
        allocatable: { cpu: "64", memory: "256Gi", ...(change.allocatable ?? allocatable) },
        nodeInfo: { architecture: arch, operatingSystem: "linux" },
        images: [{ names: [image], sizeBytes: 1 }],
        conditions: [{ type: "Ready", status: "True" }],
      },
    });
    // The server puts its own taint on a node until somebody has seen it ready.
    if (node.spec?.taints) await client.patch(nodes, pool, undefined, { spec: { taints: null } });
  }
}

/** Definitions, classes, queues, and an operator that may be the controller of everything: the same on both clusters. */
export async function furnish(client: KubeClient): Promise<void> {
  await serveKind(client, "kueue.x-k8s.io", "v1beta1", "LocalQueue");
  await serveKind(client, "infrastructure.opendatahub.io", "v1", "HardwareProfile");
  await serveKind(client, "example.com", "v1", "Widget");
  await serveClusterKind(client, "kueue.x-k8s.io", "v1beta1", "ClusterQueue", "clusterqueues");
  await serveClusterKind(client, "kueue.x-k8s.io", "v1beta1", "ResourceFlavor", "resourceflavors");
  await serveClusterKind(client, "nvidia.com", "v1", "ClusterPolicy", "clusterpolicies");
  await makeNodes(client);
  await client.create(
    resources.runtimeClasses,
    object("node.k8s.io/v1", "RuntimeClass", "nvidia", { handler: "nvidia" }),
  );
  for (const name of ["gpu.nvidia.com", "mig.nvidia.com"])
    await client.create(
      resources.deviceClasses,
      object("resource.k8s.io/v1", "DeviceClass", name, {
        spec: { selectors: [{ cel: { expression: `device.driver == "gpu.nvidia.com"` } }] },
      }),
    );
  await makeSlice(client, "NVIDIA H100 80GB HBM3");
  await client.create(resources.queues, queue(8));
  await client.create(
    resources.flavors,
    object("kueue.x-k8s.io/v1beta1", "ResourceFlavor", "h100", { spec: { nodeLabels: { pool: "fp8" } } }),
  );
  await client.create(resources.policies, policy("ready"));
  await makeOperator(client);
}

export function policy(state: string): KubeObject {
  return object("nvidia.com/v1", "ClusterPolicy", "cluster-policy", {
    spec: { driver: { version: "550.90.07" } },
    status: { state },
  });
}

export function queue(quota: number): KubeObject {
  const resources_ = [{ name: "nvidia.com/gpu", nominalQuota: quota }];
  const spec = {
    resourceGroups: [{ coveredResources: ["nvidia.com/gpu"], flavors: [{ name: "h100", resources: resources_ }] }],
  };
  return object("kueue.x-k8s.io/v1beta1", "ClusterQueue", "team", { spec });
}

export async function makeSlice(client: KubeClient, productName: string): Promise<void> {
  await client.remove(resources.slices, "fp8-gpus");
  const device = (index: number) => ({
    name: `gpu-${index}`,
    attributes: { uuid: { string: `GPU-${index}` }, productName: { string: productName }, type: { string: "gpu" } },
    capacity: { memory: { value: "80Gi" } },
  });
  const pool = { name: "fp8", generation: 1, resourceSliceCount: 1 };
  await client.create(
    resources.slices,
    object("resource.k8s.io/v1", "ResourceSlice", "fp8-gpus", {
      spec: { driver: "gpu.nvidia.com", nodeName: "fp8", pool, devices: [device(0), device(1)] },
    }),
  );
}

/** A ready pod whose account may write everything: nobody can say that an operator is missing. */
async function makeOperator(client: KubeClient): Promise<void> {
  await client.create(namespaces, object("v1", "Namespace", "operators"));
  const group = "rbac.authorization.k8s.io";
  const rules = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
  await client.create(cluster(group, "v1", "clusterroles"), object(`${group}/v1`, "ClusterRole", "all", { rules }));
  await client.create(
    cluster(group, "v1", "clusterrolebindings"),
    object(`${group}/v1`, "ClusterRoleBinding", "all", {
      roleRef: { apiGroup: group, kind: "ClusterRole", name: "all" },
      subjects: [{ kind: "ServiceAccount", name: "default", namespace: "operators" }],
    }),
  );
  await runPod(client, "operators", "operator", { containers: [{ name: "c", image }], nodeName: "wing" });
}

/** A pod as a kubelet would report it. */
async function runPod(
  client: KubeClient,
  namespace: string,
  name: string,
  spec: object,
  owner?: KubeObject,
): Promise<void> {
  const owners = owner && [
    {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid,
      controller: true,
    },
  ];
  const pod = await client.create(pods, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, ...(owners ? { ownerReferences: owners } : {}) },
    spec,
  } as KubeObject);
  const status = {
    phase: "Running",
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [{ name: "c", image, imageID: `quay.io/team/vllm@${digest}`, ready: true, restartCount: 0 }],
  };
  await client.replace(pods, { ...pod, status }, { subresource: "status" });
}

/** The applications: each is on a pool of its own, so that what a pool lacks shows on one of them. */
export async function makeApplications(client: KubeClient, namespace: string): Promise<void> {
  await client.create(namespaces, object("v1", "Namespace", namespace));
  const workload = async (pool: string, limits: Labels, container: object = {}, pod: object = {}) => {
    const labels = { app: pool };
    const spec = {
      nodeSelector: { pool },
      containers: [{ name: "c", image, resources: { limits }, ...container }],
      ...pod,
    };
    const made = await client.create(
      statefulSets,
      object("apps/v1", "StatefulSet", pool, {
        metadata: { name: pool, namespace },
        spec: {
          replicas: 1,
          serviceName: pool,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec },
        },
      }),
    );
    await runPod(client, namespace, `${pool}-0`, { ...spec, nodeName: pool }, made);
  };
  await workload("fp8", { "nvidia.com/gpu": "1" }, { args: ["--quantization", "fp8"] });
  await workload("big", { "nvidia.com/gpu": "1" }, {}, { runtimeClassName: "nvidia" });
  await workload("cuda", { "nvidia.com/gpu": "1" }, { env: [{ name: "NVIDIA_REQUIRE_CUDA", value: "cuda>=12.4" }] });
  await workload("slice", { "nvidia.com/mig-1g.5gb": "1" });
  await workload("wide", { "nvidia.com/gpu": "1" }, { args: ["--tensor-parallel-size=8"] });
  await workload("shared", { "nvidia.com/gpu": "1" });
  await workload("wing", { cpu: "1" });
  await workload("paged", { "hugepages-2Mi": "1Gi", memory: "1Gi" });
  await workload("fast", { cpu: "1" }, {}, { nodeSelector: { disk: "nvme" } });
  const claim = (deviceClassName: string, expression?: string) => ({
    exactly: { deviceClassName, ...(expression ? { selectors: [{ cel: { expression } }] } : {}) },
    name: "gpu",
  });
  for (const [name, request] of [
    ["h100", claim("gpu.nvidia.com", `device.attributes["gpu.nvidia.com"].productName.matches("H100")`)],
    ["mig", claim("mig.nvidia.com")],
  ] as const)
    await client.create(
      own("resource.k8s.io", "v1", "resourceclaimtemplates"),
      object("resource.k8s.io/v1", "ResourceClaimTemplate", name, {
        metadata: { name, namespace },
        spec: { spec: { devices: { requests: [request] } } },
      }),
    );
  const custom = (apiVersion: string, kind: string, spec: object) =>
    client.create(
      own(apiVersion.split("/")[0]!, apiVersion.split("/")[1]!, `${kind.toLowerCase()}s`),
      object(apiVersion, kind, "one", { metadata: { name: "one", namespace }, spec }),
    );
  await custom("kueue.x-k8s.io/v1beta1", "LocalQueue", { clusterQueue: "team" });
  await custom("example.com/v1", "Widget", {});
  const node = { nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB", pool: "big" } };
  await custom("infrastructure.opendatahub.io/v1", "HardwareProfile", { scheduling: { type: "Node", node } });
}

function object(apiVersion: string, kind: string, name: string, more: Record<string, unknown> = {}): KubeObject {
  return { apiVersion, kind, metadata: { name }, ...more };
}

async function serveClusterKind(
  client: KubeClient,
  group: string,
  version: string,
  kind: string,
  plural: string,
): Promise<void> {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  await client.create(
    crds,
    object("apiextensions.k8s.io/v1", "CustomResourceDefinition", `${plural}.${group}`, {
      spec: {
        group,
        scope: "Cluster",
        names: { kind, plural, singular: kind.toLowerCase() },
        versions: [{ name: version, served: true, storage: true, schema }],
      },
    }),
  );
  await waitFor(async () => ((await client.resource(group, kind)) ? true : undefined), {
    reason: `${kind} to be served`,
    seconds: 30,
  });
}

/** An account that may ask whether a namespace is there, and nothing else. */
export async function letNobodySeeNamespaces(client: KubeClient): Promise<void> {
  const group = "rbac.authorization.k8s.io";
  const rules = [{ apiGroups: [""], resources: ["namespaces"], verbs: ["get"] }];
  await client.create(cluster(group, "v1", "clusterroles"), object(`${group}/v1`, "ClusterRole", "looks", { rules }));
  await client.create(
    cluster(group, "v1", "clusterrolebindings"),
    object(`${group}/v1`, "ClusterRoleBinding", "looks", {
      roleRef: { apiGroup: group, kind: "ClusterRole", name: "looks" },
      subjects: [{ apiGroup: group, kind: "User", name: "nobody" }],
    }),
  );
}
