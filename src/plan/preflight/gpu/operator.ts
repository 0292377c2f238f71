import { amountOf } from "../../../base/quantity.ts";
import { someOf } from "../../../base/some-of.ts";
import type { Finding } from "../../../base/finding.ts";
import { isAccelerator } from "./node-gpu.ts";
import type { GpuInput, Row } from "./row.ts";

/** Are the GPUs that are there given out? Only asked where something of the restore needs one of that make. */
export const operator: Row = (input) => {
  const needsNvidia = input.asks.some(({ devices }) =>
    [...devices.keys()].some((name) => name.startsWith("nvidia.com/")),
  );
  return needsNvidia ? [...notReady(input), ...withoutDevices(input)] : [];
};

function notReady({ now }: GpuInput): Finding[] {
  return (now.gpuOperators ?? [])
    .filter(({ state }) => state !== "ready")
    .map(({ name, state }) => ({
      code: "GPU_OPERATOR_NOT_READY",
      severity: "warning",
      subject: `ClusterPolicy ${name}`,
      message: `the GPU operator says "${state || "nothing yet"}": drivers or device plugin are not up on all nodes`,
      advice: `kubectl describe clusterpolicy ${name}; kubectl get pods -n gpu-operator`,
    }));
}

function withoutDevices({ nodes }: GpuInput): Finding[] {
  const idle = nodes.filter(
    ({ labels, allocatable }) =>
      labels["nvidia.com/gpu.present"] === "true" &&
      !Object.keys(allocatable).some((name) => isAccelerator(name) && (amountOf(allocatable[name]) ?? 0) > 0),
  );
  if (idle.length === 0) return [];
  return [
    {
      code: "GPU_NOT_GIVEN_OUT",
      severity: "warning",
      subject: idle.length === 1 ? `Node ${idle[0]!.name}` : `${idle.length} nodes`,
      message: `${someOf(idle.map((one) => one.name))} have a GPU (nvidia.com/gpu.present) and offer none: the driver or the device plugin does not work there`,
      advice: "look at the pods of the GPU operator on the node: driver, toolkit, device plugin, validator",
    },
  ];
}
