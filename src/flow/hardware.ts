/**
 * What nodes and devices a cluster has, as far as applications lean on it: recorded in a point, and read of a target before a
 * restore. Plain data, and small: equal nodes are one group, and so are equal devices. A part that is absent was not read.
 */
export interface Hardware {
  readonly nodes?: readonly NodeGroup[];
  /** What ran of the namespaces: with which devices, where. Only in a point. */
  readonly workloads?: readonly WorkloadUse[];
  readonly runtimeClasses?: readonly RuntimeClassFact[];
  readonly deviceClasses?: readonly DeviceClassFact[];
  readonly devices?: readonly DeviceGroup[];
  readonly gpuOperators?: readonly GpuOperatorFact[];
  readonly queues?: readonly QueueFact[];
  readonly flavors?: readonly FlavorFact[];
  /** Devices that pods hold, by namespace and resource. Only of a target. */
  readonly held?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface NodeGroup {
  readonly count: number;
  /** All nodes where something of the namespaces ran, and some of the others. */
  readonly names: readonly string[];
  /** Those that tell of devices and places, and those that people choose nodes by. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Amounts of devices and huge pages; CPU and memory rounded, of one node. */
  readonly allocatable: Readonly<Record<string, string>>;
  readonly arch: string;
  readonly os: string; // "linux"
  readonly image: string; // "Red Hat Enterprise Linux CoreOS 9.6"
  readonly kernel: string;
  readonly runtime: string; // "cri-o://1.34.2"
  readonly kubelet: string;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** Equal pods of one workload. */
export interface WorkloadUse {
  /** refKey of what made them: the topmost owner in the namespace. */
  readonly by: string;
  readonly pods: number;
  readonly nodes: readonly string[];
  /** Extended resources of one pod. */
  readonly devices: Readonly<Record<string, string>>;
  /** What really ran: the image as it was written, and the digest that the node had. */
  readonly images: readonly { readonly image: string; readonly id: string }[];
  readonly runtimeClass?: string;
}

export interface RuntimeClassFact {
  readonly name: string;
  readonly handler: string;
}

export interface DeviceClassFact {
  readonly name: string;
  /** CEL; all must hold. */
  readonly selectors: readonly string[];
}

/** Devices of ResourceSlices that differ in nothing but what names the single one. */
export interface DeviceGroup {
  readonly driver: string;
  readonly count: number;
  /** Most of them on one node. */
  readonly perNode: number;
  readonly attributes: Readonly<Record<string, DeviceAttribute>>;
  readonly capacity: Readonly<Record<string, string>>;
}

export type DeviceAttribute =
  | { readonly string: string }
  | { readonly int: number }
  | { readonly bool: boolean }
  | { readonly version: string };

/** A ClusterPolicy of the NVIDIA GPU operator. */
export interface GpuOperatorFact {
  readonly name: string;
  readonly state: string; // "ready", "notReady", ""
  readonly driver?: string;
  readonly migStrategy?: string;
  /** ConfigMap of the device plugin: time slicing, MPS. */
  readonly sharingConfig?: string;
}

/** What a ClusterQueue may give of a resource, over all its flavors. */
export interface QueueFact {
  readonly name: string;
  readonly flavors: readonly string[];
  readonly quota: Readonly<Record<string, number>>;
}

export interface FlavorFact {
  readonly name: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
}
