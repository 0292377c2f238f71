import { someOf } from "../../../base/some-of.ts";
import { devicesInPod, devicesOnNode } from "./memory.ts";
import { gpuOf } from "./node-gpu.ts";
import { placed, type Row, together } from "./row.ts";

/** Tensor parallelism needs all its devices on one node; many nodes that work as one need a fast way between them. */
export const topology: Row = (input) => [
  ...together(placed(input), (ask) => {
    const { tensor } = ask.parallel;
    const here = devicesOnNode(ask);
    if (tensor <= 1 || tensor <= here || devicesInPod(ask) > here) return undefined;
    return { key: ask.key, message: `is spread over ${tensor} devices of one node, and no node has more than ${here}` };
  }).map(({ keys, message }) => ({
    code: "GPU_TOPOLOGY_TOO_SMALL",
    severity: "warning" as const,
    subject: keys[0]!,
    message: `${someOf(keys)} ${message}`,
    advice: "lower --tensor-parallel-size and raise --pipeline-parallel-size, or add nodes with more GPUs",
  })),
  ...together(placed(input), (ask) => {
    if (!ask.parallel.manyNodes) return undefined;
    const [before, now] = [ask.ran, ask.nodes].map((nodes) => nodes.some((node) => gpuOf(node).fabric));
    return before && !now ? { key: ask.key, message: "" } : undefined;
  }).map(({ keys }) => ({
    code: "GPU_FABRIC_MISSING",
    severity: "warning" as const,
    subject: keys[0]!,
    message: `${someOf(keys)} worked over several nodes with RDMA or NVLink between them, and the nodes here show neither: they would speak over the pod network`,
    advice: "install the network operator (rdma/* resources), or set NCCL_IB_DISABLE=1 and expect much less speed",
  })),
];
