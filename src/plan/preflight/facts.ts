import type { Hardware } from "../../flow/hardware.ts";
import type { LabelSelector } from "../../flow/label-selector.ts";

/**
 * What the checks before the first write know of the target cluster. Plain data; src/restore/facts-preflight.ts reads it.
 * A part that is absent could not be read, and `unread` says why: no check passes in silence.
 */
export interface PreflightFacts {
  readonly clusterUid?: string;
  /** By kindKey: all versions that are served, the preferred one first. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
  /** By kindKey: what its resource is called in paths and in webhook rules. */
  readonly plurals: ReadonlyMap<string, string>;
  /** By kindKey, for kinds of the point that are custom resources. */
  readonly crds?: ReadonlyMap<string, CrdFact>;
  readonly webhooks?: readonly WebhookFact[];
  /** By kindKey of a custom resource: who might act on it. */
  readonly controllers?: ReadonlyMap<string, ControllerFact>;
  readonly nodes?: readonly NodeFact[];
  /** Devices and what gives them out; nodes are above. */
  readonly hardware?: Hardware;
  /** Names of CSIDrivers, and of those that a node has registered. */
  readonly drivers?: { readonly known: ReadonlySet<string>; readonly onNodes: ReadonlySet<string> };
  /** Drivers that a VolumeSnapshotClass names. */
  readonly snapshotDrivers?: ReadonlySet<string>;
  readonly capacities?: readonly CapacityFact[];
  readonly quotas?: readonly QuotaFact[];
  readonly limits?: readonly LimitFact[];
  readonly sccs?: readonly SccFact[];
  readonly hosts?: readonly HostFact[];
  /** Registries that running pods and nodes of the target have pulled from, and images that lie on nodes. */
  readonly images?: { readonly registries: ReadonlySet<string>; readonly onNodes: ReadonlySet<string> };
  /** Of OpenShift AI, where it is installed. */
  readonly platform?: PlatformFact;
  /** Named by custom resources of the point, outside of the restored namespaces, and not there. */
  readonly missingOuter?: readonly { readonly key: string; readonly by: readonly string[] }[];
  readonly unread: readonly UnreadFact[];
}

/** The DataScienceCluster. */
export interface PlatformFact {
  readonly name: string;
  /** Component -> its managementState: "Managed", "Removed", "Unmanaged". */
  readonly components: Readonly<Record<string, string>>;
  readonly registriesNamespace?: string;
  /** "Headless" or "Headed": what the Services of endpoints are like. */
  readonly services?: string;
  /** The same in the point, where it has the settings of its platform. */
  readonly servicesBefore?: string;
}

export interface UnreadFact {
  readonly what: string; // "nodes"
  readonly because: string;
}

export interface CrdFact {
  readonly name: string;
  readonly established: boolean;
  readonly terminating: boolean;
  /** Why it is not established, in the words of its conditions. */
  readonly trouble: string;
  readonly hasStatus: boolean;
  readonly served: readonly string[];
  readonly storage: string;
  /** Of a kind of runs: the versions that know the field by which one is held back. */
  readonly holdIn?: readonly string[];
  /** The Service that converts between its versions. */
  readonly conversion?: ServiceFact;
}

export interface ServiceFact {
  readonly namespace: string;
  readonly name: string;
  readonly exists: boolean;
  readonly ready: number; // endpoints
}

export interface WebhookFact {
  readonly configuration: string;
  readonly name: string;
  readonly type: "mutating" | "validating";
  readonly failClosed: boolean;
  readonly rules: readonly {
    readonly groups: readonly string[];
    readonly resources: readonly string[];
    readonly operations: readonly string[];
  }[];
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  /** Absent where it is reached by a URL. */
  readonly service?: ServiceFact;
}

/** Accounts that may write the status of a kind, "<namespace>/<name>", and those of them that a ready pod uses. */
export interface ControllerFact {
  readonly accounts: readonly string[];
  readonly running: readonly string[];
  /** A ready pod may write everything: perhaps it is the controller. */
  readonly perhaps: boolean;
}

export interface NodeFact {
  readonly name: string;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  readonly arch?: string; // "amd64"
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** Amounts as the server writes them: {"cpu": "31850m", "nvidia.com/gpu": "8"}. */
  readonly allocatable: Readonly<Record<string, string>>;
}

export interface CapacityFact {
  readonly storageClass: string;
  readonly capacity?: string;
  readonly maximumVolumeSize?: string;
}

export interface QuotaFact {
  readonly namespace: string;
  readonly name: string;
  /** Not for all pods: a sum over all of them would say too much. */
  readonly scoped: boolean;
  readonly hard: Readonly<Record<string, string>>;
  readonly used: Readonly<Record<string, string>>;
}

export interface LimitFact {
  readonly namespace: string;
  readonly name: string;
  readonly type: string; // "Container", "Pod", "PersistentVolumeClaim"
  readonly min: Readonly<Record<string, string>>;
  readonly max: Readonly<Record<string, string>>;
  readonly defaults: Readonly<Record<string, string>>;
  readonly defaultRequests: Readonly<Record<string, string>>;
  readonly ratio: Readonly<Record<string, string>>;
}

export interface SccFact {
  readonly name: string;
  readonly privileged: boolean;
  readonly hostNetwork: boolean;
  readonly hostPid: boolean;
  readonly hostIpc: boolean;
  readonly hostPorts: boolean;
  readonly runAsUser: string; // "MustRunAsRange", "RunAsAny", ...
  readonly uidRange?: { readonly min?: number; readonly max?: number; readonly uid?: number };
  readonly capabilities: readonly string[];
  readonly volumes: readonly string[];
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** A host (and path) that an Ingress, Route, Gateway or HTTPRoute claims. */
export interface HostFact {
  readonly host: string;
  readonly path: string;
  readonly by: string; // refKey
}
