import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../flow/object.ts";
import { ownedBy, sampleObject } from "../restore-sample.ts";
import { collectDevices } from "./collect.ts";
import { deviceGroups } from "./devices.ts";
import { nodeGroups } from "./nodes.ts";
import { ranOnLines } from "./text.ts";
import { workloadUses } from "./workloads.ts";

const node = (name: string, labels: Record<string, string> = {}, memory = "263921532Ki"): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/arch": "amd64", ...labels } },
  spec: {
    taints: [
      { key: "gpu", effect: "NoSchedule", timeAdded: name },
      { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
    ],
  },
  status: {
    allocatable: { cpu: "31850m", memory, "nvidia.com/gpu": "8", "rdma/hca": "0", pods: "110" },
    nodeInfo: { architecture: "amd64" },
  },
});

describe("nodes", () => {
  const grouped = (nodes: readonly KubeObject[], ran: string[] = [], chosen: string[] = []) => {
    const groups = nodeGroups(new Set(ran), new Set(chosen));
    for (const one of nodes) groups.add(one);
    return groups.groups();
  };

  it("that are equal but for names, times and some KiB are one group", () => {
    const many = Array.from({ length: 50 }, (_, index) =>
      node(`n${index}`, { "nvidia.com/gfd.timestamp": String(index), rack: String(index) }, `${263_921_532 + index}Ki`),
    );
    const [group, ...others] = grouped(many, ["n49"]);
    expect(others).toEqual([]);
    expect(group).toMatchObject({
      count: 50,
      names: ["n0", "n1", "n2", "n49"],
      labels: { "kubernetes.io/arch": "amd64" },
      taints: [{ key: "gpu", effect: "NoSchedule" }],
      allocatable: { cpu: "32", memory: "252Gi", "nvidia.com/gpu": "8" },
    });
  });

  it("keep the labels that tell of devices and places, those that workloads choose, and node-only settings", () => {
    const labels = {
      "nvidia.com/mig.config": "all-1g.10gb",
      "nvidia.com/gpu.deploy.driver": "true",
      "topology.kubernetes.io/zone": "b",
      "feature.node.kubernetes.io/rdma.available": "true",
      "feature.node.kubernetes.io/cpu-model.id": "1",
      disk: "nvme",
    };
    expect(Object.keys(grouped([node("a", labels)], [], ["disk"])[0]!.labels)).toEqual([
      "disk",
      "feature.node.kubernetes.io/rdma.available",
      "kubernetes.io/arch",
      "nvidia.com/mig.config",
      "topology.kubernetes.io/zone",
    ]);
    expect(
      grouped([node("a", { "nvidia.com/gpu.product": "A" }), node("b", { "nvidia.com/gpu.product": "B" })]),
    ).toHaveLength(2);
  });
});

describe("what ran on what, for people", () => {
  it("is a line for each kind of node that something ran on", () => {
    const labels = { "nvidia.com/gpu.product": "A100-SHARED", "nvidia.com/cuda.driver-version.full": "550.90" };
    const groups = nodeGroups(new Set());
    for (const one of [node("a", labels), node("b", labels), node("c")]) groups.add(one);
    const use = { by: "Deployment.apps shop/web", pods: 1, nodes: ["b"], devices: {}, images: [] };
    expect(ranOnLines({ nodes: groups.groups(), workloads: [use] })).toEqual([
      "2 nodes, amd64, 8 nvidia.com/gpu of A100, driver 550.90: shop/web",
    ]);
  });
});

describe("workloads", () => {
  const pod = (name: string, owner: string, on: string, phase = "Running") =>
    sampleObject("v1", "Pod", "shop", name, {
      metadata: ownedBy("ReplicaSet", owner, "apps/v1"),
      spec: {
        nodeName: on,
        containers: [{ name: "c", image: "a:1", resources: { limits: { "nvidia.com/gpu": "2", cpu: "1" } } }],
      },
      status: { phase, containerStatuses: [{ image: "a:1", imageID: `docker-pullable://a@sha256:${"b".repeat(64)}` }] },
    });

  it("are what owns the pods that run, equal ones together", () => {
    const known = new Map([
      [
        "uid-ReplicaSet-web-1",
        sampleObject("apps/v1", "ReplicaSet", "shop", "web-1", { metadata: ownedBy("Deployment", "web", "apps/v1") }),
      ],
    ]);
    const pods = [
      pod("a", "web-1", "n2"),
      pod("b", "web-1", "n1"),
      pod("c", "lost-1", "n1"),
      pod("d", "web-1", "n1", "Succeeded"),
    ];
    expect(workloadUses(pods, (uid) => known.get(uid))).toEqual([
      {
        by: "Deployment.apps shop/web",
        pods: 2,
        nodes: ["n1", "n2"],
        devices: { "nvidia.com/gpu": "2" },
        images: [{ image: "a:1", id: `sha256:${"b".repeat(64)}` }],
      },
      expect.objectContaining({ by: "ReplicaSet.apps shop/lost-1", pods: 1 }),
    ]);
  });
});

describe("devices", () => {
  it("of slices in old and new versions are counted by what they are", () => {
    const device = (index: number) => ({
      attributes: {
        uuid: { string: `u${index}` },
        "resource.kubernetes.io/pcieRoot": { string: `p${index}` },
        type: { string: "gpu" },
      },
      capacity: { memory: { value: "80Gi" } },
    });
    const slice = (nodeName: string, devices: object[]): KubeObject => ({
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceSlice",
      metadata: { name: nodeName },
      spec: { driver: "gpu.nvidia.com", nodeName, devices },
    });
    const groups = deviceGroups();
    groups.add(slice("a", [device(0), { name: "x", basic: device(1) }]));
    groups.add(slice("b", [device(2)]));
    expect(groups.groups()).toEqual([
      {
        driver: "gpu.nvidia.com",
        count: 3,
        perNode: 2,
        attributes: { type: { string: "gpu" } },
        capacity: { memory: "80Gi" },
      },
    ]);
  });

  it("are collected as far as they may be read", async () => {
    const classes = [
      { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name: "nvidia" }, handler: "nvidia" },
    ];
    const found = await collectDevices(async (kind, see) => {
      if (kind.startsWith("RuntimeClass")) classes.forEach((one) => see(one));
      return kind !== "DeviceClass.resource.k8s.io";
    });
    expect(found).toEqual({
      runtimeClasses: [{ name: "nvidia", handler: "nvidia" }],
      devices: [],
      gpuOperators: [],
      queues: [],
      flavors: [],
    });
  });
});
