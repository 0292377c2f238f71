import type { Finding } from "../base/finding.ts";
import type { Hardware } from "./hardware.ts";
import type { DatabaseEngine } from "./database-engine.ts";
import type { ApiResource, KubeObject, ObjectRef } from "./object.ts";
import type { PipelineRows, RegistryRows } from "./rows.ts";

/** Stage "discover" gives this: what exists in scope, what it leans on, and why. Plain data. */
export interface Inventory {
  readonly takenAt: string; // RFC 3339
  readonly cluster: ClusterFacts;
  readonly namespaces: readonly string[];
  /** Every served kind that was looked at, preferred versions. */
  readonly resources: readonly ApiResource[];
  readonly objects: readonly InventoryObject[];
  readonly edges: readonly Edge[];
  readonly volumes: readonly Volume[];
  readonly databases: readonly Database[];
  readonly buckets: readonly Bucket[];
  /** What the workloads run on. */
  readonly hardware?: Hardware;
  readonly findings: readonly Finding[];
  /** What discovery knows of and could not look into. The plan's rules make findings of it. */
  readonly unreached?: readonly Unreached[];
  /** Of the model registries and pipeline databases that answered. */
  readonly registries?: readonly RegistryRows[];
  readonly pipelines?: readonly PipelineRows[];
  /** Where objects keep rows, by the names of hosts: in a database of the inventory, or elsewhere. */
  readonly rowHosts?: readonly RowHost[];
  /** Parts of buckets that something names and that hold no object, where somebody looked. */
  readonly absent?: readonly { readonly place: string; readonly part: string }[];
  /** Buckets that did not answer when they were asked. */
  readonly silent?: readonly string[];
}

export interface RowHost {
  readonly by: ObjectRef;
  readonly host: string; // "mysql.shared.svc", "db.example.com"
}

export interface Unreached {
  /**
   * "unused-bucket": a connection names it, and nothing is known to read it. "stale-connection": its keys are not those of the
   * claim that made its bucket; `what` is the connection. "resource" may not be read, "silent-resource" does not answer.
   */
  readonly kind:
    | "bucket"
    | "unused-bucket"
    | "stale-connection"
    | "resource"
    | "silent-resource"
    | "cluster-resource"
    | "hardware";
  /** The bucket's name, or "<plural>.<group> in <namespace>", or "<plural>.<group>" of the cluster, or "<group>/<version>". */
  readonly what: string;
  /** refKey of the object that names it; "" where none does. */
  readonly by: string;
  readonly because: string;
}

export interface ClusterFacts {
  /** UID of the kube-system namespace: what identifies a cluster. */
  readonly uid: string;
  readonly version: string; // "v1.34.4"
}

export interface InventoryObject {
  readonly ref: ObjectRef;
  readonly resource: ApiResource;
  readonly uid?: string;
  /** Parsed content, for rules to look at; read when it is looked at (kept.ts). Capture stores the server's bytes, never this. */
  readonly object: KubeObject;
  /** Why a cluster-scoped object is in: the rule that reached it; undefined for objects of the namespaces. */
  readonly because?: string;
}

/** `from` needs `to`; `rule` names what made the edge, for example "pod.volumes.persistentVolumeClaim". */
export interface Edge {
  readonly from: string; // refKey, or the id of a database
  /** refKey, or the id of a volume, database or bucket, or "image:<repository>@sha256:<digest>", or "uri:hf://...". */
  readonly to: string;
  readonly kind: "owns" | "mounts" | "reads" | "selects" | "needs" | "stores";
  readonly rule: string;
  /** What of it is meant: the prefix in a bucket, the path in a claim. */
  readonly part?: string;
}

export interface Volume {
  readonly id: string; // "<namespace>/<claim>"
  readonly namespace: string;
  readonly claim: string;
  readonly claimUid: string;
  readonly volumeName: string; // PersistentVolume
  readonly storageClass: string;
  readonly driver: string; // CSI driver; "" where it is none
  readonly handle: string; // CSI volume handle
  readonly capacity: number; // bytes
  readonly accessModes: readonly string[];
  readonly mode: "Filesystem" | "Block";
  /** The VolumeSnapshotClass to use; undefined where the driver has none. */
  readonly snapshotClass?: string;
  /** A running pod that mounts it, for the live read: pod UID, name, node. */
  readonly usedBy?: { readonly podUid: string; readonly pod: string; readonly node: string };
  /** What its PersistentVolume is made of: "csi", "nfs", "hostPath", ... */
  readonly source?: string;
  /** It is no claim but a pod's emptyDir; `claim` is what a restore calls the claim that gets its files. */
  readonly emptyDir?: { readonly name: string; readonly owner: string }; // "scratch", "Job/train"
  /** How the plan's volumePolicies want it to be read, where one fits. */
  readonly policy?: "snapshot" | "live";
}

export interface Database {
  readonly id: string; // "<namespace>/<pod>", "<namespace>/<pod>/sqlite" for files that a pod keeps
  readonly engine: DatabaseEngine;
  readonly namespace: string;
  readonly pod: string;
  readonly address: string; // pod IP
  readonly port: number;
  /** Accounts to try in order: where their passwords are found. Values are never part of an inventory. */
  readonly accounts: readonly DatabaseAccount[];
  readonly databases: readonly string[]; // names; paths in the pod for SQLite
  readonly volumes: readonly string[]; // ids of its volumes
  /** As its container names it; and the version that this name tells, where it does. */
  readonly image?: string;
  readonly version?: string;
  /** False where its pod runs but is not ready (starting, or crashing): it cannot be held, and a finding says so. */
  readonly ready?: boolean;
}

/** The password is `key` of Secret `secret` in the database's namespace. */
export interface DatabaseAccount {
  readonly user: string;
  readonly secret: string;
  readonly key: string;
  /** Set where there is no Secret (`secret` and `key` are ""): the pod's container has the password as a plain env value. */
  readonly env?: { readonly container: string; readonly name: string };
  /** The server was set up to let it in without a password (`secret` and `key` are ""). */
  readonly isOpen?: true;
}

export interface Bucket {
  readonly id: string; // "<endpoint host>/<bucket>"
  readonly endpoint: string; // URL
  readonly region: string;
  readonly bucket: string;
  /** Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY that reaches it. */
  readonly credentials: { readonly namespace: string; readonly secret: string };
  /** The ObjectBucketClaim that made it, if one did. */
  readonly claim?: { readonly namespace: string; readonly name: string };
  /** What the graph reaches in it. "" is the whole bucket. */
  readonly prefixes: readonly { readonly prefix: string; readonly because: string }[];
}
