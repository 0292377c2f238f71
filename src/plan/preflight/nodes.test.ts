import { describe, expect, it } from "vitest";
import type { NodeFact } from "./facts.ts";
import { misfitOf } from "./node-fit.ts";
import { checked, workload } from "./preflight.sample.ts";

const node = (name: string, more: Partial<NodeFact> = {}): NodeFact => ({
  name,
  ready: true,
  unschedulable: false,
  labels: {},
  taints: [],
  allocatable: { cpu: "8", memory: "32Gi" },
  ...more,
});
const asks = (limits: Record<string, string>, more: object = {}) => ({
  containers: [{ name: "c", image: "x", resources: { limits } }],
  ...more,
});

describe("a pod and the nodes", () => {
  const gpu = node("gpu", {
    labels: { "nvidia.com/gpu.product": "A100", zone: "b" },
    taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }],
    allocatable: { cpu: "64", memory: "512Gi", "nvidia.com/gpu": "2" },
  });
  const nodes = [node("a", { labels: { zone: "a" } }), gpu];
  const tolerations = [{ key: "gpu", operator: "Exists" }];
  const affinity = (...expressions: object[]) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: expressions }] },
      },
    },
  });

  it.each<[string, object, string | undefined]>([
    ["nothing special", asks({ cpu: "1" }), undefined],
    ["a GPU, tolerated", asks({ "nvidia.com/gpu": "1" }, { tolerations }), undefined],
    ["a GPU, not tolerated", asks({ "nvidia.com/gpu": "1" }), "TAINTS_NOT_TOLERATED"],
    [
      "a taint of another value",
      asks({ "nvidia.com/gpu": "1" }, { tolerations: [{ key: "gpu", value: "no" }] }),
      "TAINTS_NOT_TOLERATED",
    ],
    ["three GPUs", asks({ "nvidia.com/gpu": "3" }, { tolerations }), "EXTENDED_RESOURCE_MISSING"],
    ["another vendor", asks({ "amd.com/gpu": "1" }), "EXTENDED_RESOURCE_MISSING"],
    [
      "a GPU in a zone without",
      asks({ "nvidia.com/gpu": "1" }, { tolerations, nodeSelector: { zone: "a" } }),
      "EXTENDED_RESOURCE_MISSING",
    ],
    ["a label that is not there", asks({}, { nodeSelector: { disk: "ssd" } }), "NODE_SELECTOR_UNMET"],
    [
      "two labels on two nodes",
      asks({}, { nodeSelector: { zone: "a", "nvidia.com/gpu.product": "A100" } }),
      "NODE_SELECTOR_UNMET",
    ],
    ["an affinity that fits", asks({}, affinity({ key: "zone", operator: "NotIn", values: ["b"] })), undefined],
    [
      "an affinity that does not",
      asks({}, affinity({ key: "zone", operator: "In", values: ["c"] })),
      "NODE_SELECTOR_UNMET",
    ],
    ["too much memory", asks({ memory: "1Ti" }, { tolerations }), "NODES_TOO_SMALL"],
    [
      "CPU of containers summed",
      { containers: [1, 2].map((n) => ({ name: `c${n}`, image: "x", resources: { requests: { cpu: "5" } } })) },
      "TAINTS_NOT_TOLERATED",
    ],
    [
      "init containers take turns",
      {
        initContainers: [{ name: "i", image: "x", resources: { requests: { cpu: "5" } } }],
        containers: [{ name: "c", image: "x", resources: { requests: { cpu: "5" } } }],
      },
      undefined,
    ],
  ])("%s", (_name, spec, code) => expect(misfitOf(spec, nodes)?.code).toBe(code));

  it("needs all its devices on one node", () => {
    const other = node("other", { allocatable: { cpu: "8", memory: "32Gi", "example.com/nic": "1" } });
    const both = asks({ "nvidia.com/gpu": "1", "example.com/nic": "1" }, { tolerations });
    expect(misfitOf(both, [gpu, other])).toMatchObject({
      code: "EXTENDED_RESOURCE_MISSING",
      why: "no node offers 1 nvidia.com/gpu and 1 example.com/nic together",
    });
  });

  it("does not go to nodes that take none", () => {
    expect(misfitOf(asks({}), [node("a", { unschedulable: true })])).toMatchObject({
      code: "TAINTS_NOT_TOLERATED",
      why: expect.stringContaining("cordoned"),
    });
  });

  it("is one finding for all that lack the same", () => {
    const found = checked(
      [workload("a", { nodeSelector: { disk: "ssd" } }), workload("b", { nodeSelector: { disk: "ssd" } })],
      { facts: { nodes } },
    );
    expect(found).toMatchObject([
      { code: "NODE_SELECTOR_UNMET", message: expect.stringContaining("disk=ssd (nodes have no such label)") },
    ]);
  });

  it("is told the CUDA version that its node has not", () => {
    const env = (value: string) => ({
      containers: [{ name: "c", image: "x", env: [{ name: "NVIDIA_REQUIRE_CUDA", value }] }],
    });
    const labelled = [
      node("g", {
        labels: {
          "nvidia.com/cuda.runtime.major": "12",
          "nvidia.com/cuda.runtime.minor": "2",
          "nvidia.com/cuda.driver.major": "535",
        },
      }),
    ];
    const codes = (value: string) =>
      checked([workload("a", env(value))], { facts: { nodes: labelled } }).map((one) => one.code);
    expect(codes("cuda>=12.4")).toEqual(["GPU_DRIVER_TOO_OLD"]);
    expect(codes("cuda>=12.4 brand=tesla,driver>=470,driver<600")).toEqual([]);
    expect(codes("cuda>=12.0")).toEqual([]);
  });
});
