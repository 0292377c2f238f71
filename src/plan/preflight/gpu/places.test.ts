import { describe, expect, it } from "vitest";
import type { Hardware } from "../../../flow/hardware.ts";
import type { KubeObject } from "../../../flow/object.ts";
import { sampleObject } from "../../restore-sample.ts";
import type { NodeFact } from "../facts.ts";
import { checked, workload } from "../preflight.sample.ts";
import { suits } from "./cel.ts";
import { gpuNode, recorded } from "./gpu.sample.ts";

interface Target {
  readonly nodes?: readonly NodeFact[];
  readonly now?: Hardware;
  readonly before?: Hardware;
}

const findings = (objects: readonly KubeObject[], { nodes = [gpuNode()], now = {}, before = {} }: Target) =>
  checked(objects, { facts: { nodes, hardware: now }, point: { hardware: before } });
const codes = (objects: readonly KubeObject[], target: Target) => findings(objects, target).map((one) => one.code);

describe("hardware profiles (row 7)", () => {
  const profile = (spec: object) =>
    sampleObject("infrastructure.opendatahub.io/v1", "HardwareProfile", "shop", "big", { spec });
  const chosen = (product: string) =>
    profile({ scheduling: { node: { nodeSelector: { "nvidia.com/gpu.product": product } } } });

  it("choose labels and devices that some node has", () => {
    expect(codes([chosen("NVIDIA-A100-SXM4-80GB")], {})).toEqual([]);
    expect(findings([chosen("NVIDIA-A100-SXM4-40GB")], {})).toMatchObject([
      {
        code: "HARDWARE_PROFILE_UNMET",
        advice: expect.stringContaining("nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB"),
      },
    ]);
    const device = (identifier: string) =>
      profile({ identifiers: [{ identifier, minCount: 1 }, { identifier: "cpu" }] });
    expect(codes([device("nvidia.com/gpu")], {})).toEqual([]);
    expect(codes([device("amd.com/gpu")], {})).toEqual(["HARDWARE_PROFILE_UNMET"]);
  });
});

describe("runtime classes (row 8)", () => {
  const pod = workload("w", { runtimeClassName: "nvidia" });
  it("are there, or come along, or could not be read", () => {
    expect(codes([pod], { now: { runtimeClasses: [] } })).toEqual(["RUNTIME_CLASS_MISSING"]);
    expect(codes([pod], { now: { runtimeClasses: [{ name: "nvidia", handler: "nvidia" }] } })).toEqual([]);
    expect(codes([pod], {})).toEqual([]);
    const own = sampleObject("node.k8s.io/v1", "RuntimeClass", "", "nvidia", { handler: "nvidia" });
    expect(codes([pod, own], { now: { runtimeClasses: [] } })).toEqual([]);
  });
});

describe("queues (row 9)", () => {
  const local = sampleObject("kueue.x-k8s.io/v1beta1", "LocalQueue", "shop", "team", {
    spec: { clusterQueue: "gpus" },
  });
  const queue = (amount: number) => ({
    queues: [{ name: "gpus", flavors: ["a100"], quota: { "nvidia.com/gpu": amount } }],
  });
  const flavor = (product: string) => ({
    flavors: [{ name: "a100", nodeLabels: { "nvidia.com/gpu.product": product } }],
  });

  it("give as much as before, on nodes that exist", () => {
    const before = queue(8);
    expect(codes([local], { before, now: { ...queue(8), ...flavor("NVIDIA-A100-SXM4-80GB") } })).toEqual([]);
    expect(findings([local], { before, now: queue(4) })).toMatchObject([
      { code: "QUEUE_QUOTA_SMALLER", message: expect.stringContaining("nvidia.com/gpu 4 instead of 8") },
    ]);
    expect(codes([local], { before, now: { ...queue(8), ...flavor("H100") } })).toEqual(["FLAVOR_WITHOUT_NODES"]);
    expect(codes([workload("w", {})], { before, now: { ...queue(4), ...flavor("H100") } })).toEqual([]);
  });
});

describe("device claims (row 10)", () => {
  const device = {
    driver: "gpu.nvidia.com",
    count: 16,
    perNode: 8,
    attributes: {
      type: { string: "gpu" },
      productName: { string: "NVIDIA A100-SXM4-80GB" },
      cudaComputeCapability: { version: "8.0.0" },
      sriov: { bool: false },
      cores: { int: 108 },
      "example.com/rack": { string: "r1" },
    },
    capacity: { memory: "80Gi" },
  };
  const gpu = (name: string) => `device.attributes["gpu.nvidia.com"].${name}`;

  it.each<[string, ReturnType<typeof suits>]>([
    [`device.driver == "gpu.nvidia.com" && ${gpu("type")} == "gpu"`, "yes"],
    [`${gpu("productName")}.lowerAscii().matches("^.*a100.*$")`, "yes"],
    [`${gpu("productName")}.matches("H100")`, "no"],
    [`device.capacity["gpu.nvidia.com"].memory.compareTo(quantity("40Gi")) >= 0`, "yes"],
    [`device.capacity['gpu.nvidia.com'].memory.isGreaterThan(quantity("80Gi"))`, "no"],
    [`${gpu("cudaComputeCapability")}.isGreaterThan(semver("7.5.0"))`, "yes"],
    [`${gpu("cudaComputeCapability")}.compareTo(semver("9.0.0")) >= 0`, "no"],
    [`!${gpu("sriov")} && ${gpu("cores")} > 100`, "yes"],
    [`device.attributes["example.com"].rack in ["r1", "r2"]`, "yes"],
    [`"other.example.com" in device.attributes`, "no"],
    [`${gpu("profile")} == "1g.10gb"`, "no"],
    [`${gpu("uuid")} == "GPU-1"`, "unknown"],
    [`device.somethingNew().isFine()`, "unknown"],
  ])("judges %s", (expression, answer) => expect(suits(device, [expression])).toBe(answer));

  const claim = (request: object) =>
    sampleObject("resource.k8s.io/v1", "ResourceClaimTemplate", "shop", "one", {
      spec: { spec: { devices: { requests: [{ name: "gpu", ...request }] } } },
    });
  const exactly = (more: object = {}) => claim({ exactly: { deviceClassName: "gpu.nvidia.com", ...more } });
  const selectors = (expression: string) => ({ selectors: [{ cel: { expression } }] });
  const now = {
    deviceClasses: [{ name: "gpu.nvidia.com", selectors: [`${gpu("type")} == "gpu"`] }],
    devices: [device],
  };

  it("need their class, and so many devices on one node", () => {
    expect(codes([exactly()], { now })).toEqual([]);
    expect(codes([exactly({ count: 8 })], { now })).toEqual([]);
    expect(codes([exactly({ count: 9 })], { now })).toEqual(["DEVICE_CLAIM_UNMET"]);
    expect(codes([exactly()], { now: { deviceClasses: [], devices: [] } })).toEqual(["DEVICE_CLASS_MISSING"]);
    expect(codes([exactly(selectors(`${gpu("productName")}.matches("H100")`))], { now })).toEqual([
      "DEVICE_CLAIM_UNMET",
    ]);
    expect(codes([exactly(selectors(`${gpu("uuid")} == "x"`))], { now })).toEqual(["DEVICE_CLAIM_NOT_CHECKED"]);
  });

  it("are read in older versions, and with alternatives", () => {
    expect(codes([claim({ deviceClassName: "gone.example.com" })], { now })).toEqual(["DEVICE_CLASS_MISSING"]);
    const h100 = {
      name: "a",
      deviceClassName: "gpu.nvidia.com",
      ...selectors(`${gpu("productName")}.matches("H100")`),
    };
    const any = { name: "b", deviceClassName: "gpu.nvidia.com" };
    expect(codes([claim({ firstAvailable: [h100, any] })], { now })).toEqual([]);
    expect(codes([claim({ firstAvailable: [h100] })], { now })).toEqual(["DEVICE_CLAIM_UNMET"]);
  });
});

describe("architecture (row 13) and what a node has of its own (row 14)", () => {
  it("is that on which the images ran", () => {
    const before = recorded("Deployment.apps shop/w");
    expect(codes([workload("w", {})], { before })).toEqual([]);
    const arm = gpuNode({ "kubernetes.io/arch": "arm64" }, {}, { arch: "arm64" });
    expect(codes([workload("w", {})], { before, nodes: [arm] })).toEqual(["IMAGE_ARCH_DIFFERS"]);
    expect(codes([workload("w", {})], { before, nodes: [arm, gpuNode()] })).toEqual([]);
    expect(codes([workload("other", {})], { before, nodes: [arm] })).toEqual([]);
    const picky = workload("w", { nodeSelector: { "kubernetes.io/arch": "arm64" } });
    expect(codes([picky], { before, nodes: [arm, gpuNode()] })).toEqual(["IMAGE_ARCH_DIFFERS"]);
  });

  it("is huge pages, scratch space and memory for /dev/shm", () => {
    const asks = (limits: Record<string, string>) =>
      workload("w", { containers: [{ name: "c", image: "quay.io/a:1", resources: { limits } }] });
    expect(codes([asks({ "hugepages-2Mi": "1Gi" })], {})).toEqual(["NODE_STORAGE_TOO_SMALL"]);
    expect(codes([asks({ "hugepages-2Mi": "1Gi" })], { nodes: [gpuNode({}, { "hugepages-2Mi": "2Gi" })] })).toEqual([]);
    expect(
      codes([asks({ "ephemeral-storage": "2Ti" })], { nodes: [gpuNode({}, { "ephemeral-storage": "1Ti" })] }),
    ).toEqual(["NODE_STORAGE_TOO_SMALL"]);
    expect(codes([asks({ "ephemeral-storage": "2Ti" })], {})).toEqual([]); // not told
    const shm = (sizeLimit: string) =>
      workload("w", { volumes: [{ name: "shm", emptyDir: { medium: "Memory", sizeLimit } }] });
    expect(codes([shm("64Gi")], {})).toEqual([]);
    expect(codes([shm("1Ti")], {})).toEqual(["NODE_STORAGE_TOO_SMALL"]);
  });
});
