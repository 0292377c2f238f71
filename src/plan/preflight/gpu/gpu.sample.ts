/** Nodes with GPUs and endpoints on them, for tests of the comparisons. */
import type { Hardware, NodeGroup } from "../../../flow/hardware.ts";
import type { KubeObject } from "../../../flow/object.ts";
import { sampleObject } from "../../restore-sample.ts";
import type { NodeFact } from "../facts.ts";

/** An A100 node as GPU feature discovery labels it. */
export const a100: Readonly<Record<string, string>> = {
  "kubernetes.io/arch": "amd64",
  "nvidia.com/gpu.present": "true",
  "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB",
  "nvidia.com/gpu.memory": "81920",
  "nvidia.com/gpu.count": "8",
  "nvidia.com/gpu.family": "ampere",
  "nvidia.com/gpu.compute.major": "8",
  "nvidia.com/gpu.compute.minor": "0",
  "nvidia.com/cuda.driver-version.full": "550.90.07",
  "nvidia.com/cuda.runtime-version.full": "12.4",
};

export const room: Readonly<Record<string, string>> = { cpu: "64", memory: "512Gi", "nvidia.com/gpu": "8" };

/** Labels and amounts that are changed; undefined takes one away. */
type Change = Readonly<Record<string, string | undefined>>;

function changed(values: Readonly<Record<string, string>>, change: Change): Record<string, string> {
  const entries = Object.entries({ ...values, ...change }).filter((entry): entry is [string, string] =>
    Boolean(entry[1]),
  );
  return Object.fromEntries(entries);
}

export function gpuNode(labels: Change = {}, allocatable: Change = {}, more: Partial<NodeFact> = {}): NodeFact {
  return {
    name: "gpu-1",
    ready: true,
    unschedulable: false,
    arch: "amd64",
    labels: changed(a100, labels),
    taints: [],
    allocatable: changed(room, allocatable),
    ...more,
  };
}

/** What a point recorded: the same node, and that the workload `by` ran on it. */
export function recorded(by: string, node: NodeFact = gpuNode(), devices = { "nvidia.com/gpu": "1" }): Hardware {
  const { name, labels, taints, allocatable, arch = "amd64" } = node;
  const system = { os: "linux", image: "", kernel: "", runtime: "", kubelet: "" };
  const group: NodeGroup = { count: 1, names: [name], labels, taints, allocatable, arch, ...system };
  return { nodes: [group], workloads: [{ by, pods: 1, nodes: [name], devices, images: [] }] };
}

/** An endpoint that asks for GPUs itself. */
export function endpoint(
  name: string,
  model: Record<string, unknown> = {},
  predictor: Record<string, unknown> = {},
): KubeObject {
  return sampleObject("serving.kserve.io/v1beta1", "InferenceService", "shop", name, {
    spec: {
      predictor: {
        model: {
          modelFormat: { name: "vLLM" },
          runtime: "vllm",
          resources: { limits: { "nvidia.com/gpu": "1" } },
          ...model,
        },
        ...predictor,
      },
    },
  });
}

export const endpointKey = (name: string) => `InferenceService.serving.kserve.io shop/${name}`;
