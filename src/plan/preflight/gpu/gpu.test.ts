import { describe, expect, it } from "vitest";
import type { Hardware } from "../../../flow/hardware.ts";
import type { KubeObject } from "../../../flow/object.ts";
import { sampleObject, samplePoint } from "../../restore-sample.ts";
import type { NodeFact } from "../facts.ts";
import { checked, workload } from "../preflight.sample.ts";
import { endpoint, endpointKey, gpuNode, recorded } from "./gpu.sample.ts";
import { gpuOf, normalProduct } from "./node-gpu.ts";

interface Case {
  readonly objects?: readonly KubeObject[];
  readonly nodes?: readonly NodeFact[];
  readonly before?: Hardware;
  readonly now?: Hardware;
}

/** By default an endpoint, recorded on an A100, comes to a node that is the same. */
function findings({ objects = [endpoint("llm")], nodes = [gpuNode()], before, now = {} }: Case) {
  const hardware = before ?? recorded(endpointKey("llm"));
  return checked(objects, { facts: { nodes, hardware: now }, point: { hardware } });
}
const codes = (one: Case) => findings(one).map((found) => found.code);
const args = (...list: string[]) => [endpoint("llm", { args: list })];

describe("labels of GPU nodes", () => {
  it("name the product without what sharing and partitioning add", () => {
    expect(["A-SHARED", "A-MIG-1g.10gb", "A-MIG-1g.10gb+me-SHARED", "A"].map(normalProduct)).toEqual([
      "A",
      "A",
      "A",
      "A",
    ]);
  });

  it("are read in their older names and of other makes", () => {
    const old = { "nvidia.com/cuda.driver.major": "535", "nvidia.com/cuda.driver.minor": "104" };
    expect(gpuOf({ labels: old, allocatable: {} })).toEqual({ driver: "535.104", replicas: 1, fabric: false });
    const amd = { "amd.com/gpu.product-name": "MI300X", "amd.com/gpu.vram": "192G" };
    expect(gpuOf({ labels: amd, allocatable: { "rdma/hca": "1" } })).toEqual({
      product: "MI300X",
      memory: 196_608,
      replicas: 1,
      fabric: true,
    });
  });
});

describe("a point and a target with the same devices", () => {
  it("have nothing to say", () => {
    expect(codes({})).toEqual([]);
    expect(codes({ objects: args("--tensor-parallel-size", "8", "--dtype=bfloat16") })).toEqual([]);
    expect(codes({ now: { gpuOperators: [{ name: "cluster-policy", state: "ready" }] } })).toEqual([]);
  });

  it("say so where the point recorded nothing", () => {
    const found = checked([endpoint("llm")], { facts: { nodes: [gpuNode()] } });
    expect(found.map((one) => one.code)).toEqual(["HARDWARE_NOT_RECORDED"]);
    expect(checked([workload("web", {})], { facts: { nodes: [gpuNode()] } })).toEqual([]);
  });
});

describe("amounts (row 1)", () => {
  it("of all pods together", () => {
    const three = endpoint("llm", { resources: { limits: { "nvidia.com/gpu": "4" } } }, { minReplicas: 3 });
    expect(findings({ objects: [three] })).toMatchObject([
      { code: "GPU_TOO_FEW", message: expect.stringContaining("12 in all; the nodes have 8") },
    ]);
    expect(codes({ objects: [three], nodes: [gpuNode(), gpuNode({}, {}, { name: "gpu-2" })] })).toEqual([]);
  });

  it("without what others hold, and with what the restore itself replaces", () => {
    const held = (namespace: string) => ({ held: { [namespace]: { "nvidia.com/gpu": 8 } } });
    expect(codes({ now: held("other") })).toEqual(["GPU_TOO_FEW"]);
    expect(codes({ now: held("shop") })).toEqual([]);
  });

  it("that only the pods that ran tell of", () => {
    const quiet = endpoint("llm", { resources: {} });
    const bare = gpuNode({ "nvidia.com/gpu.present": undefined }, { "nvidia.com/gpu": undefined });
    expect(codes({ objects: [quiet], nodes: [bare] })).toEqual(["EXTENDED_RESOURCE_MISSING"]);
    expect(codes({ objects: [quiet] })).toEqual([]);
  });

  it("that a TrainJob asks for on each of its nodes", () => {
    const job = (amount: string) =>
      sampleObject("trainer.kubeflow.org/v1alpha1", "TrainJob", "shop", "tune", {
        spec: { trainer: { numNodes: 2, resourcesPerNode: { limits: { "nvidia.com/gpu": amount } } } },
      });
    expect(codes({ objects: [job("8")] })).toEqual([]);
    expect(codes({ objects: [job("16")] })).toEqual(["EXTENDED_RESOURCE_MISSING"]);
  });
});

describe("generation (row 2)", () => {
  const t4 = gpuNode({
    "nvidia.com/gpu.product": "Tesla-T4",
    "nvidia.com/gpu.compute.major": "7",
    "nvidia.com/gpu.compute.minor": "5",
  });
  const h100 = gpuNode({ "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3", "nvidia.com/gpu.compute.major": "9" });

  it.each<[string, readonly string[], Record<string, unknown>, string[]]>([
    ["FP8", ["--quantization", "fp8"], {}, ["GPU_CAPABILITY_TOO_LOW"]],
    ["an FP8 cache", ["--kv-cache-dtype=fp8_e5m2"], {}, ["GPU_CAPABILITY_TOO_LOW"]],
    ["FP8 by the model's name", [], { storageUri: "hf://org/Llama-3.1-8B-FP8" }, ["GPU_CAPABILITY_TOO_LOW"]],
    ["bfloat16", ["--dtype", "bfloat16"], {}, []],
    ["AWQ", ["--quantization=awq"], {}, []],
  ])("on Ampere with %s", (_name, list, model, expected) => {
    expect(codes({ objects: [endpoint("llm", { args: list, ...model })] })).toEqual(expected);
  });

  it("that is older, newer, or told by its name only", () => {
    expect(codes({ objects: args("--dtype", "bfloat16"), nodes: [t4] })).toEqual(["GPU_CAPABILITY_TOO_LOW"]);
    expect(codes({ nodes: [t4] })).toEqual(["GPU_OLDER"]);
    expect(codes({ nodes: [h100] })).toEqual(["GPU_PRODUCT_DIFFERS"]);
    expect(codes({ nodes: [t4, gpuNode()] })).toEqual([]);
    const named = gpuNode({ "nvidia.com/gpu.product": "L40S", "nvidia.com/gpu.compute.major": undefined });
    expect(codes({ nodes: [named] })).toEqual(["GPU_PRODUCT_DIFFERS"]);
    expect(codes({ nodes: [gpuNode({ "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB-SHARED" })] })).toEqual([]);
  });
});

describe("memory (row 3)", () => {
  const small = gpuNode({ "nvidia.com/gpu.memory": "40960" });

  it("that is less than it was", () => {
    expect(findings({ nodes: [small] })).toMatchObject([
      {
        code: "GPU_MEMORY_SMALLER",
        message: expect.stringContaining("had 80.0 GiB per device, and would have 40.0 GiB"),
      },
    ]);
    expect(codes({ nodes: [gpuNode({ "nvidia.com/gpu.memory": "81559" })] })).toEqual([]);
  });

  it("that does not hold the weights of the point", () => {
    const [bucket] = samplePoint().buckets;
    const object = { ...bucket!.objects[0]!, key: "llm/model.safetensors", size: 60 * 2 ** 30 };
    const buckets = [{ ...bucket!, bucket: "models", objects: [object, { ...object, key: "other/x.bin" }] }];
    const llm = (tensor: number) =>
      endpoint("llm", {
        storageUri: "s3://models/llm",
        args: [`--tensor-parallel-size=${tensor}`],
        resources: { limits: { "nvidia.com/gpu": String(tensor) } },
      });
    const on = (tensor: number) =>
      checked([llm(tensor)], {
        facts: { nodes: [small], hardware: {} },
        point: { hardware: recorded(endpointKey("llm"), small), buckets },
      }).map((one) => one.code);
    expect(on(1)).toEqual(["GPU_MEMORY_TOO_SMALL"]);
    expect(on(2)).toEqual([]);
  });
});

describe("drivers (row 4)", () => {
  const old = gpuNode({
    "nvidia.com/cuda.driver-version.full": "535.104.05",
    "nvidia.com/cuda.runtime-version.full": "12.2",
  });

  it("that are older than those of the point, or than what a container requires", () => {
    expect(codes({ nodes: [old] })).toEqual(["GPU_DRIVER_OLDER"]);
    const requires = endpoint("llm", { env: [{ name: "NVIDIA_REQUIRE_CUDA", value: "cuda>=12.4" }] });
    expect(codes({ objects: [requires], nodes: [old] })).toEqual(["GPU_DRIVER_TOO_OLD"]);
    const toolkit = (value: string) => endpoint("llm", { env: [{ name: "CUDA_VERSION", value }] });
    expect(codes({ objects: [toolkit("12.6.1")] })).toEqual([]);
    expect(codes({ objects: [toolkit("13.0")] })).toEqual(["GPU_DRIVER_TOO_OLD"]);
  });
});

describe("sharing (row 5)", () => {
  it("proposes the nearest slice for one that is missing", () => {
    const slice = endpoint("llm", { resources: { limits: { "nvidia.com/mig-1g.5gb": "1" } } });
    const before = recorded(endpointKey("llm"), gpuNode({}, { "nvidia.com/mig-1g.5gb": "7" }));
    const nodes = [gpuNode({}, { "nvidia.com/mig-1g.10gb": "7", "nvidia.com/mig-3g.40gb": "2" })];
    expect(findings({ objects: [slice], nodes, before })).toMatchObject([
      {
        code: "EXTENDED_RESOURCE_MISSING",
        advice: expect.stringContaining("change nvidia.com/mig-1g.5gb to nvidia.com/mig-1g.10gb"),
      },
    ]);
  });

  it("tells a whole device from a shared one, and node labels that did it", () => {
    expect(codes({ nodes: [gpuNode({ "nvidia.com/gpu.replicas": "4" })] })).toEqual(["GPU_SHARING_DIFFERS"]);
    const before = recorded(endpointKey("llm"), gpuNode({ "nvidia.com/device-plugin.config": "a100-shared" }));
    expect(findings({ before })).toMatchObject([
      { code: "GPU_NODE_CONFIG_MISSING", subject: "nvidia.com/device-plugin.config=a100-shared" },
    ]);
  });
});

describe("topology (row 6)", () => {
  it("needs all devices of tensor parallelism on one node", () => {
    const nodes = [gpuNode({}, { "nvidia.com/gpu": "4" })];
    expect(codes({ objects: args("serve", "--tensor-parallel-size=8"), nodes })).toEqual(["GPU_TOPOLOGY_TOO_SMALL"]);
    expect(codes({ objects: args("-c", "vllm serve x -tp 8"), nodes })).toEqual(["GPU_TOPOLOGY_TOO_SMALL"]);
    expect(codes({ objects: args("--tensor-parallel-size", "4"), nodes })).toEqual([]);
    const eight = endpoint("llm", { args: ["-tp", "8"], resources: { limits: { "nvidia.com/gpu": "8" } } });
    expect(codes({ objects: [eight], nodes })).toEqual(["EXTENDED_RESOURCE_MISSING"]);
  });

  it("takes it from the runtime that an endpoint names", () => {
    const runtime = sampleObject("serving.kserve.io/v1alpha1", "ServingRuntime", "shop", "vllm", {
      spec: {
        containers: [{ name: "kserve-container", image: "quay.io/team/vllm:1", args: ["--tensor-parallel-size=8"] }],
      },
    });
    expect(codes({ objects: [endpoint("llm"), runtime], nodes: [gpuNode({}, { "nvidia.com/gpu": "4" })] })).toEqual([
      "GPU_TOPOLOGY_TOO_SMALL",
    ]);
  });

  it("misses the fast way between nodes only where many work as one", () => {
    const before = recorded(endpointKey("llm"), gpuNode({}, { "rdma/hca": "8" }));
    const many = endpoint(
      "llm",
      {},
      { workerSpec: { pipelineParallelSize: 2, containers: [{ name: "w", image: "quay.io/team/vllm:1" }] } },
    );
    expect(codes({ objects: [many], before })).toEqual(["GPU_FABRIC_MISSING"]);
    expect(codes({ before })).toEqual([]);
  });
});

describe("the operator of GPUs (row 11), and doing without (row 12)", () => {
  it("is asked where something needs it", () => {
    const now = { gpuOperators: [{ name: "cluster-policy", state: "notReady" }] };
    expect(codes({ now })).toEqual(["GPU_OPERATOR_NOT_READY"]);
    expect(codes({ now, objects: [workload("web", {})] })).toEqual([]);
    const idle = gpuNode({}, { "nvidia.com/gpu": "0" }, { name: "gpu-2" });
    expect(findings({ nodes: [gpuNode(), idle] })).toMatchObject([
      { code: "GPU_NOT_GIVEN_OUT", subject: "Node gpu-2" },
    ]);
  });

  it("offers the runtime that needs no device", () => {
    const runtime = (name: string, annotations: Record<string, string>) =>
      sampleObject("serving.kserve.io/v1alpha1", "ServingRuntime", "shop", name, {
        metadata: { annotations },
        spec: { supportedModelFormats: [{ name: "vLLM" }], containers: [{ name: "c", image: "quay.io/team/vllm:1" }] },
      });
    const gpu = runtime("vllm", { "opendatahub.io/recommended-accelerators": '["nvidia.com/gpu"]' });
    const nodes = [gpuNode({}, { "nvidia.com/gpu": undefined })];
    const found = findings({ objects: [endpoint("llm"), gpu, runtime("vllm-cpu", {})], nodes });
    expect(found.map((one) => one.code)).toEqual([
      "EXTENDED_RESOURCE_MISSING",
      "GPU_NOT_GIVEN_OUT",
      "CPU_RUNTIME_POSSIBLE",
    ]);
    expect(found[2]?.message).toMatch(/vllm-cpu serves vllm .*VLLM_CPU_KVCACHE_SPACE/);
    expect(
      codes({
        objects: [endpoint("llm"), gpu],
        nodes: [gpuNode({ "nvidia.com/gpu.present": undefined }, { "nvidia.com/gpu": undefined })],
      }),
    ).toEqual(["EXTENDED_RESOURCE_MISSING"]);
  });
});
