import type { KubeObject } from "../../../flow/object.ts";

/** Over how many devices a model is spread. 1 where nothing says so. */
export interface Parallel {
  /** Devices that must be in one pod, on one node. */
  readonly tensor: number;
  readonly pipeline: number;
  /** Its pods work as one over several nodes. */
  readonly manyNodes: boolean;
}

/** From the arguments of the runtime (vLLM, SGLang, TGI), or from what KServe's own fields say. */
export function parallelOf(args: readonly string[], { kind, spec = {} }: KubeObject): Parallel {
  const { workerSpec } = spec.predictor ?? {};
  const { parallelism } = spec;
  const tensor =
    numberAfter(args, ["--tensor-parallel-size", "-tp", "--tp", "--tp-size", "--num-shard"]) ??
    (Number(workerSpec?.tensorParallelSize ?? parallelism?.tensor) || 1);
  const pipeline =
    numberAfter(args, ["--pipeline-parallel-size", "-pp", "--pp-size"]) ??
    (Number(workerSpec?.pipelineParallelSize ?? workerSpec?.size ?? parallelism?.pipeline) || 1);
  return {
    tensor,
    pipeline,
    manyNodes: Boolean(workerSpec) || (spec.worker && pipeline > 1) || isDistributed(kind, spec),
  };
}

function isDistributed(kind: string, spec: KubeObject["spec"]): boolean {
  switch (kind) {
    case "PyTorchJob":
      return (spec.pytorchReplicaSpecs?.Worker?.replicas ?? 0) > 0;
    case "MPIJob":
      return (spec.mpiReplicaSpecs?.Worker?.replicas ?? 0) > 1;
    case "TrainJob":
      return (spec.trainer?.numNodes ?? 1) > 1;
    case "LeaderWorkerSet":
      return (spec.leaderWorkerTemplate?.size ?? 1) > 1;
    default:
      return false;
  }
}

/** The value of an option, written as two words or as one with "=" (which were split before). */
function numberAfter(args: readonly string[], names: readonly string[]): number | undefined {
  const at = args.findIndex((one) => names.includes(one));
  const value = at < 0 ? NaN : Number(args[at + 1]);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

/** The word after an option. */
export function valueAfter(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}
