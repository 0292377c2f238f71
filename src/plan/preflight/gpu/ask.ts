import { amountOf } from "../../../base/quantity.ts";
import type { NodeGroup, WorkloadUse } from "../../../flow/hardware.ts";
import type { KubeObject } from "../../../flow/object.ts";
import type { PodSpec } from "../../../profiles/pod-spec.ts";
import type { NodeFact } from "../facts.ts";
import { allContainers, requestsOf } from "../pods.ts";
import type { FittingNodes } from "./fitting-nodes.ts";
import { isAccelerator } from "./node-gpu.ts";
import { parallelOf, type Parallel } from "./parallel.ts";

/** Pods of one spec that need accelerators, with what is known of where they ran and where they could run. */
export interface Ask {
  readonly key: string; // in the target
  /** Pods that run at once; 0 where that cannot be told. */
  readonly replicas: number;
  readonly spec: PodSpec;
  /** Extended resources of one pod. */
  readonly devices: ReadonlyMap<string, number>;
  /** The spec does not say so itself: a runtime does, or the pods that ran did. */
  readonly isImplied: boolean;
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly parallel: Parallel;
  /** Where its model is: "s3://bucket/prefix", "hf://org/name". */
  readonly model?: string;
  /** What kind of model an InferenceService serves: "vllm", "onnx". */
  readonly format?: string;
  /** Groups of nodes of the point that its pods ran on. */
  readonly ran: readonly NodeGroup[];
  /** Nodes of the target that it chooses and that have the devices, one of each kind. Taints are left to the check of nodes. */
  readonly nodes: readonly NodeFact[];
}

export interface AskInput {
  readonly key: string;
  readonly object: KubeObject;
  readonly replicas: number;
  /** The spec is no PodSpec of the object: the check of nodes has not seen it. */
  readonly isImplied: boolean;
  readonly spec: PodSpec;
  /** The ServingRuntime that an InferenceService names. */
  readonly runtime?: PodSpec | undefined;
  readonly uses: readonly WorkloadUse[];
  readonly groups: readonly NodeGroup[];
  readonly fitting: FittingNodes;
}

/** undefined where its pods need no accelerator. */
export function askOf(input: AskInput): Ask | undefined {
  const { spec, runtime, uses, object } = input;
  const own = extended(requestsOf(spec));
  const implied = extended(impliedBy(runtime, uses));
  const isSilent = ![...own.keys()].some(isAccelerator);
  const isImplied = input.isImplied || isSilent;
  const devices = isSilent ? new Map([...implied, ...own]) : own;
  if (![...devices.keys()].some(isAccelerator)) return undefined;
  const containers = [...(runtime ? allContainers(runtime) : []), ...allContainers(spec)];
  const args = containers.flatMap((one) => [...(one.command ?? []), ...(one.args ?? [])]).flatMap(wordsOf);
  const chosen = { ...spec, nodeSelector: { ...runtime?.nodeSelector, ...spec.nodeSelector } };
  const ranOn = new Set(uses.flatMap((one) => one.nodes));
  const model = modelOf(spec, object);
  const format: unknown = spec.model?.modelFormat?.name;
  return {
    key: input.key,
    replicas: input.replicas,
    spec,
    devices,
    isImplied,
    args,
    env: new Map(containers.flatMap((one) => one.env ?? []).map((one) => [one.name, String(one.value ?? "")])),
    parallel: parallelOf(args, object),
    ...(model ? { model } : {}),
    ...(typeof format === "string" ? { format: format.toLowerCase() } : {}),
    ran: input.groups.filter((group) => group.names.some((name) => ranOn.has(name))),
    nodes: input.fitting(chosen, devices),
  };
}

function extended(requests: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...requests].filter(([name, amount]) => name.includes("/") && amount > 0));
}

/** Of all pods that ran of it, the one that asked for most. */
function impliedBy(runtime: PodSpec | undefined, uses: readonly WorkloadUse[]): ReadonlyMap<string, number> {
  const most = new Map(runtime ? requestsOf(runtime) : []);
  for (const [name, amount] of uses.flatMap((one) => Object.entries(one.devices)))
    most.set(name, Math.max(most.get(name) ?? 0, amountOf(amount) ?? 0));
  return most;
}

/** `sh -c "vllm serve --tensor-parallel-size=2"` is one argument of many words; an option and its value are two. */
function wordsOf(argument: unknown): string[] {
  return String(argument)
    .split(/\s+/)
    .flatMap((word) =>
      /^--?[a-z][\w-]*=/.test(word) ? [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)] : word,
    );
}

function modelOf(spec: PodSpec, object: KubeObject): string | undefined {
  const model = spec.model ?? object.spec?.model ?? {};
  const uri: unknown = model.storageUri ?? model.uri ?? model.storage?.path;
  return typeof uri === "string" ? uri : undefined;
}
