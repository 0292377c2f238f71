import type { Finding } from "../base/finding.ts";
import type { Contents } from "./contents.ts";
import type { Hardware } from "./hardware.ts";
import type { DatabaseEngine } from "./database-engine.ts";
import type { DatabaseAccount, Volume } from "./inventory.ts";
import type { ChainEnd, ChainRoot } from "./closure.ts";
import type { RegistryRows } from "./rows.ts";

/**
 * What lies on a target as points/<cluster>/<plan>/<point>/manifest.json. Written once, last; nothing that it names
 * is ever overwritten. Repositories are restic repositories (format v2) under repos/. Times are RFC 3339, sizes bytes.
 */
export interface RecoveryPoint {
  readonly layout: 1;
  readonly id: string; // "20261121T031500Z-1a2b3c4d": sorts by time
  readonly cluster: { readonly uid: string; readonly name: string; readonly version: string };
  readonly plan: ResourceName;
  readonly backup: ResourceName;
  readonly type: "Full" | "Incremental";
  readonly parent?: string; // id of the point before, for Incremental
  readonly startedAt: string;
  readonly completedAt: string;
  /** All databases held and all snapshots cut between these two. */
  readonly fence: {
    readonly startedAt: string;
    /** From here to the end all of them were held. */
    readonly heldAt?: string;
    readonly endedAt: string;
    readonly milliseconds: number;
  };
  readonly holdfast: string; // version
  readonly restic: string;
  readonly namespaces: readonly NamespaceRecord[];
  /** CRDs, StorageClasses, snapshot classes and other cluster-scoped objects; in the repository "_cluster". */
  readonly clusterObjects: ObjectsRecord;
  readonly databases: readonly DatabaseRecord[];
  readonly buckets: readonly BucketRecord[];
  /** What the applications ran on: nodes, devices, images. Absent in points of older versions. */
  readonly hardware?: Hardware;
  /** Objects that changed between the first and the last look. */
  readonly skew: readonly string[];
  /** How many of them changed in what a restore writes, and how many in their status only. */
  readonly changes?: { readonly content: number; readonly status: number };
  readonly findings: readonly Finding[];
  readonly size: { readonly total: number; readonly added: number };
  /** What stands on bytes of the point, and on which: checked at the backup, by verify, and after a restore. */
  readonly references?: readonly PointReference[];
  /** Rows of the model registries, to see what was registered between two points. */
  readonly registries?: readonly RegistryRows[];
}

/** One root of the closure and the parts of buckets and volumes that it needs itself. */
export interface PointReference {
  readonly root: Omit<ChainRoot, "ref">;
  readonly ends: readonly ReferenceEnd[];
}

export interface ReferenceEnd extends Pick<ChainEnd, "uri"> {
  readonly kind: "bucket" | "volume";
  /** In words, where it is not the root itself that names it: "run train-7". */
  readonly by?: string;
  readonly place: string; // id of the BucketRecord, or of the volume
  readonly part: string;
}

/** kind is a Holdfast kind: "ClusterBackupPlan", "Backup", ... */
export interface ResourceName {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
}

export interface NamespaceRecord {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly objects: ObjectsRecord;
  readonly volumes: readonly VolumeRecord[];
}

/** One restic snapshot with one file per kind: /objects/<namespace or _cluster>/<plural>[.<group>].json, a v1 List. */
export interface ObjectsRecord {
  readonly repository: string; // "repos/<cluster>/<namespace>"
  readonly snapshot: string; // full 64 hex id
  /** When its lists were read. */
  readonly listedAt?: { readonly from: string; readonly to: string };
  readonly kinds: readonly KindRecord[];
  readonly added: number;
}

export interface KindRecord {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly path: string; // inside the snapshot
  readonly count: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface VolumeRecord {
  readonly volume: Volume;
  readonly repository: string;
  readonly snapshot: string;
  readonly method: "snapshot" | "live";
  readonly cutAt: string;
  readonly files: number;
  readonly bytes: number;
  readonly added: number;
  /** SHA-256 over the sorted list "path\0mode\0size\0sha256\n" of all regular files. */
  readonly treeSha256?: string;
  /** Weights and checkpoints in it; absent where there are none, and in points that were made before Holdfast looked. */
  readonly contents?: Contents;
}

export interface DatabaseRecord {
  readonly id: string;
  readonly engine: DatabaseEngine;
  readonly version: string;
  readonly namespace: string;
  readonly pod: string;
  /** "journal": its writers were not held; it repairs what was cut in one moment from its journal. */
  readonly lock: "global read lock" | "table read locks" | "journal";
  readonly heldMs: number;
  readonly databases: readonly string[];
  readonly volumes: readonly string[];
  readonly accounts: readonly DatabaseAccount[];
  readonly port: number;
  readonly image?: string;
}

export interface BucketRecord {
  readonly id: string;
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: { readonly namespace: string; readonly secret: string };
  readonly claim?: { readonly namespace: string; readonly name: string };
  readonly repository: string; // "repos/models/<bucket set>"
  readonly listedAt: string;
  /** When its last object was read. */
  readonly readAt?: string;
  /** Objects that were removed, or kept changing, while they were read: they are not in the point. */
  readonly missed?: { readonly count: number; readonly keys: readonly string[] };
  /** What of it was listed; "" is all of it. Points of earlier versions do not say. */
  readonly prefixes?: readonly string[];
  readonly objects: readonly BucketObject[];
  readonly added: number;
  /** As in VolumeRecord; paths are keys. */
  readonly contents?: Contents;
}

export interface BucketObject {
  readonly key: string;
  readonly versionId?: string;
  readonly etag: string;
  readonly size: number;
  readonly sha256: string;
  readonly lastModified: string;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Where the bytes are: a snapshot of the record's repository and a path in it. */
  readonly snapshot: string;
  readonly path: string;
}
