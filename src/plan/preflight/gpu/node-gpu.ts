import { amountOf } from "../../../base/quantity.ts";

/** A node of the point (NodeGroup) or of the target (NodeFact), as far as its GPUs are concerned. */
interface Node {
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
}

/** What the labels of a node say of its GPUs. What they do not say is absent. */
export interface NodeGpu {
  /** Without what sharing and partitioning put behind it: "NVIDIA-A100-SXM4-80GB". */
  readonly product?: string;
  /** Compute capability: 8.9 is 89. */
  readonly capability?: number;
  readonly memory?: number; // MiB of one device
  readonly driver?: string;
  readonly cuda?: string;
  readonly migStrategy?: string; // "single", "mixed"
  /** Pods that share a device; 1 where nobody shares. */
  readonly replicas: number;
  /** Devices speak to those of other nodes past the CPU: NVLink between nodes, RDMA. */
  readonly fabric: boolean;
}

/** Resources that stand for an accelerator or a part of one. */
const accelerator =
  /^(nvidia\.com\/(gpu|gpu\.shared|mig-.+)|amd\.com\/gpu|intel\.com\/gpu|gpu\.intel\.com\/.+|habana\.ai\/gaudi.*|aws\.amazon\.com\/neuron.*|google\.com\/tpu)$/;

export function isAccelerator(resource: string): boolean {
  return accelerator.test(resource);
}

/** Resources of whole devices: the labels of the node tell their memory and generation. */
export function isWholeDevice(resource: string): boolean {
  return isAccelerator(resource) && !resource.includes("/mig-");
}

export function gpuOf(node: Node): NodeGpu {
  const told = known.get(node) ?? read(node);
  known.set(node, told);
  return told;
}

/** Each node is asked about for each pod. */
const known = new WeakMap<Node, NodeGpu>();

function read({ labels, allocatable }: Node): NodeGpu {
  const nvidia = (name: string) => labels[`nvidia.com/${name}`];
  const product = nvidia("gpu.product") ?? labels["amd.com/gpu.product-name"] ?? labels["gpu.intel.com/product"];
  const [major, minor = "0"] = [nvidia("gpu.compute.major"), nvidia("gpu.compute.minor")];
  const memory = Number(nvidia("gpu.memory")) || (amountOf(amdMemory(labels["amd.com/gpu.vram"])) ?? 0) / 2 ** 20;
  const driver = versionIn(labels, "driver");
  const cuda = versionIn(labels, "runtime");
  const migStrategy = nvidia("mig.strategy");
  return {
    ...(product ? { product: normalProduct(product) } : {}),
    ...(major ? { capability: Number(major) * 10 + Number(minor) } : {}),
    ...(memory > 0 ? { memory } : {}),
    ...(driver ? { driver } : {}),
    ...(cuda ? { cuda } : {}),
    ...(migStrategy && migStrategy !== "none" ? { migStrategy } : {}),
    replicas: Math.max(1, Number(nvidia("gpu.replicas") ?? 1) || 1),
    fabric:
      Boolean(nvidia("gpu.clique")) ||
      labels["feature.node.kubernetes.io/rdma.available"] === "true" ||
      Object.entries(allocatable).some(
        ([name, amount]) => (name.startsWith("rdma/") || name === "nvidia.com/gdrdma") && (amountOf(amount) ?? 0) > 0,
      ),
  };
}

/** "NVIDIA-A100-SXM4-80GB-MIG-1g.10gb-SHARED" is one of an A100, like any other. */
export function normalProduct(product: string): string {
  return product.replace(/-SHARED$/, "").replace(/-MIG-[0-9a-z.+]+$/, "");
}

/** "192G" means GiB there. */
function amdMemory(text: string | undefined): string | undefined {
  return text?.replace(/G$/, "Gi");
}

/** Older and newer names of the same labels. */
function versionIn(labels: Readonly<Record<string, string>>, of: "driver" | "runtime"): string | undefined {
  const parts = ["major", "minor", "rev"].flatMap((one) => labels[`nvidia.com/cuda.${of}.${one}`] ?? []);
  return labels[`nvidia.com/cuda.${of}-version.full`] ?? (parts.length > 0 ? parts.join(".") : undefined);
}

/** "8.9" for 89. */
export function capabilityText(capability: number): string {
  return `${Math.floor(capability / 10)}.${capability % 10}`;
}

/** "A100-80GB (8.0, 80 GiB)" for people. */
export function gpuText({ product = "GPU", capability, memory }: NodeGpu): string {
  const more = [
    capability === undefined ? "" : `compute capability ${capabilityText(capability)}`,
    memory === undefined ? "" : `${Math.round(memory / 1024)} GiB`,
  ].filter(Boolean);
  return more.length > 0 ? `${product} (${more.join(", ")})` : product;
}
