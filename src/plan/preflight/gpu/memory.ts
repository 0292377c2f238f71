import { amountOf } from "../../../base/quantity.ts";
import { formatBytes } from "../../../base/sizes.ts";
import { someOf } from "../../../base/some-of.ts";
import type { Finding } from "../../../base/finding.ts";
import type { RecoveryPoint } from "../../../flow/recovery-point.ts";
import type { Ask } from "./ask.ts";
import { gpuOf, isAccelerator, isWholeDevice } from "./node-gpu.ts";
import { most, placed, type Row, together } from "./row.ts";

const mebi = 2 ** 20;

/** Memory of one device: against the weights where the point has them, and against what it ran on. */
export const memory: Row = (input) => {
  const whole = placed(input).filter((ask) => [...ask.devices.keys()].some(isWholeDevice));
  const full = whole.flatMap((ask): Finding[] => {
    const finding = tooSmall(ask, input.point);
    return finding ? [finding] : [];
  });
  const told = new Set(full.map((one) => one.subject));
  return [...full, ...smaller(whole.filter((one) => !told.has(one.key)))];
};

function memoryOf(nodes: Ask["nodes"] | Ask["ran"]): number | undefined {
  return most(nodes.map((node) => gpuOf(node).memory));
}

function tooSmall(ask: Ask, point: RecoveryPoint): Finding | undefined {
  const weights = ask.model ? weightsOf(ask.model, point) : 0;
  const one = memoryOf(ask.nodes);
  const { tensor, pipeline } = ask.parallel;
  const inPod = [...ask.devices].find(([name]) => isWholeDevice(name))?.[1] ?? 1;
  const devices = Math.max(inPod, tensor) * (ask.parallel.manyNodes ? pipeline : 1);
  if (weights === 0 || one === undefined || weights <= one * mebi * devices) return undefined;
  return {
    code: "GPU_MEMORY_TOO_SMALL",
    severity: "warning",
    subject: ask.key,
    message: `its weights are ${formatBytes(weights)}, and ${devices > 1 ? `${devices} devices have` : "a device has"} ${formatBytes(one * mebi * devices)}: they do not fit, before any KV cache`,
    advice: "spread it over more devices (--tensor-parallel-size), or serve a smaller or quantized model",
  };
}

const weightFile = /\.(safetensors|bin|pt|pth|gguf|h5|onnx|ckpt)$/;

/** Bytes of the weights that lie at "s3://bucket/prefix" or, inside some bucket, at "prefix"; 0 where the point has none. */
function weightsOf(model: string, { buckets }: RecoveryPoint): number {
  const [, named, path = ""] =
    /^s3:\/\/([^/]+)\/?(.*)$/.exec(model) ?? (model.includes("://") ? [] : ["", undefined, model]);
  if (path === "") return 0;
  const prefix = path.endsWith("/") ? path : `${path}/`;
  return buckets
    .filter(({ bucket }) => named === undefined || bucket === named)
    .flatMap(({ objects }) => objects)
    .filter(({ key }) => (key.startsWith(prefix) || key === path) && weightFile.test(key))
    .reduce((sum, { size }) => sum + size, 0);
}

function smaller(asks: readonly Ask[]): Finding[] {
  return together(asks, (ask) => {
    const [before, now] = [memoryOf(ask.ran), memoryOf(ask.nodes)];
    // A device that tells some MiB less is the same one under another driver.
    if (before === undefined || now === undefined || now >= before * 0.98) return undefined;
    return {
      key: ask.key,
      message: `${formatBytes(before * mebi)} per device, and would have ${formatBytes(now * mebi)}`,
    };
  }).map(({ keys, message }) => ({
    code: "GPU_MEMORY_SMALLER",
    severity: "warning",
    subject: keys[0]!,
    message: `${someOf(keys)} had ${message}`,
    advice: "lower --max-model-len, or spread the model over more devices (--tensor-parallel-size), by a transform",
  }));
}

/** Devices of one pod, of whatever make. */
export function devicesInPod({ devices }: Ask): number {
  return [...devices].reduce((sum, [name, amount]) => (isAccelerator(name) ? sum + amount : sum), 0);
}

/** Most devices of the kinds that a pod asks for, on one of the nodes. */
export function devicesOnNode({ devices, nodes }: Ask): number {
  const names = [...devices.keys()].filter(isAccelerator);
  return most(nodes.map((node) => names.reduce((sum, name) => sum + (amountOf(node.allocatable[name]) ?? 0), 0))) ?? 0;
}
