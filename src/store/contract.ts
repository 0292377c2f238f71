/**
 * What the rest of Holdfast sees of a target. Nothing here knows Kubernetes. `openTarget` (target.ts) gives a TargetStore.
 * Bulk content is in restic repositories; an own writer may replace restic for objects, buckets and block images behind
 * `Repository` without any change outside this room.
 */
import type { Readable } from "node:stream";
import type { Fault } from "../base/fault.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";

/** How a target is reached. Holds secrets: never logged, never in an argument list, never in a status. */
export type TargetAccess =
  | {
      readonly kind: "s3";
      readonly endpoint: string; // URL
      readonly bucket: string;
      readonly prefix: string; // "" or "a/b"
      readonly region: string;
      readonly accessKey: string;
      readonly secretKey: string;
      readonly caCert?: string; // PEM
      readonly insecureSkipVerify?: boolean;
    }
  | { readonly kind: "directory"; readonly path: string }
  /** A directory of the machine that runs the CLI, as its movers see it: restic's REST protocol through a tunnel. */
  | { readonly kind: "gateway"; readonly url: string }; // "http://127.0.0.1:8000/"

/** 32 random bytes, base64. One per target; wraps the repositories' passwords and the signing key. */
export type TargetKey = string;

export interface PointFilter {
  readonly cluster?: string;
  readonly plan?: string; // as planPath (layout.ts) gives it
  /** Told of each manifest that cannot be read; it is left out of the list. Without it, the target's notes are told. */
  readonly onBroken?: (fault: Fault, key: string) => void;
}

/** The process that holds a lock of a repository. A pod's hostname is its name. */
export interface LockHolder {
  readonly hostname: string;
  readonly pid: number;
  readonly time: string;
}

export interface TargetStore {
  readonly id: string; // from holdfast.json
  /** Newest first. Reads only manifests; a broken one is told to `onBroken`, and never ends the list. */
  points(filter?: PointFilter): AsyncIterable<RecoveryPoint>;
  /** Fault NOT_FOUND, or DAMAGED where the signature does not hold. */
  readPoint(cluster: string, plan: string, id: string): Promise<RecoveryPoint>;
  /** Writes and signs manifest.json. The last write of a backup; fails with CONFLICT if it exists. */
  seal(point: RecoveryPoint): Promise<void>;
  /** First the manifest, then the snapshots nobody else names, then (optional) prune. Idempotent. */
  removePoint(cluster: string, plan: string, id: string, options: { prune: boolean }): Promise<{ freed: number }>;
  /** Opens the repository, making it and its wrapped password at first use. Name: "repos/<cluster>/<namespace>". */
  repository(name: string): Promise<Repository>;
  /** Opens a repository that must exist; Fault NOT_FOUND where it does not. For everybody who only reads. */
  existingRepository(name: string): Promise<Repository>;
  /** The repositories' names that exist on the target. */
  repositories(): Promise<readonly string[]>;
  /** The clear password of a repository, for the recovery kit and for a mover's task. A secret. */
  repositoryPassword(name: string): Promise<string>;
  /** Takes away the locks of these repositories whose holders are known to be dead, one by one. Gives how many. */
  releaseLocks(repositories: readonly string[], isDead: (holder: LockHolder) => boolean): Promise<number>;
  /** Small records that may be overwritten: journals, results of movers. */
  readonly control: {
    put(key: string, body: Uint8Array): Promise<void>;
    get(key: string): Promise<Uint8Array | undefined>;
    remove(key: string): Promise<void>;
  };
  close(): Promise<void>;
}

export interface Saved {
  readonly snapshot: string; // full id
  readonly files: number;
  readonly bytes: number; // of the source
  readonly added: number; // stored by this run, after deduplication and compression
  readonly treeSha256?: string;
  /** What could not be read and is not in the snapshot; only where the source allowed it. */
  readonly unread?: readonly string[];
}

export interface TreeSource {
  readonly directory: string;
  /** Stable over runs: restic finds the snapshot to compare with by it. */
  readonly host: string;
  readonly tags: readonly string[]; // without commas
  readonly parent?: string;
  readonly reread: boolean;
  /** For a tree that changes while it is read: files that vanish are named in the result instead of failing the run. */
  readonly allowUnread?: boolean;
}

export interface StreamSource {
  readonly stream: Readable;
  readonly path: string; // "/objects/ns/kind.json"
  readonly host: string;
  readonly tags: readonly string[];
}

export interface TreeDestination {
  readonly snapshot: string;
  readonly subpath?: string;
  readonly directory: string;
  readonly deleteOthers?: boolean;
}

/** One file of many. `body` must be read, if at all, before the next file is asked for. */
export interface TreeFile {
  readonly path: string; // "/objects/ns/kind.json"
  readonly size: number;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface SnapshotInfo {
  readonly id: string;
  readonly tags: readonly string[];
  readonly host: string;
  readonly time: string;
}

export interface HurtFile {
  readonly snapshot: string;
  readonly path: string;
}

/** The cause of a Fault DAMAGED of a check; `damageOf` (restic/damage.ts) takes it out. */
export interface Damage {
  readonly packs: readonly string[]; // full ids
  readonly hurts: readonly HurtFile[];
  readonly messages: readonly string[];
}

export type OnBytes = (done: number, total: number) => void;

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onBytes?: OnBytes;
}

export interface ListedFile {
  readonly path: string;
  readonly size: number;
  readonly isLink?: true;
}

export interface Repository {
  readonly name: string;
  /**
   * Saves the tree under `directory`; paths inside the snapshot are relative to it ("/a/b" for directory/a/b).
   * `parent` is the snapshot to compare with; `reread` reads every byte again (Full).
   * Owners, modes (also the directory's own), times, hard links, xattrs, ACLs and sparse files are kept.
   */
  saveTree(source: TreeSource, options?: RunOptions): Promise<Saved>;
  /** Saves one stream as one file of a snapshot of its own. Gives the SHA-256 of what went through. */
  saveStream(source: StreamSource, options?: RunOptions): Promise<Saved & { sha256: string }>;
  /** Restores a snapshot (or the part under `subpath`) into `directory`. Repeatable: what is equal is not written again. */
  restoreTree(from: TreeDestination, options?: RunOptions): Promise<{ files: number; bytes: number }>;
  /** The content of one file of a snapshot. */
  openFile(snapshot: string, path: string): Readable;
  /** All regular files under a directory of a snapshot, one after the other, in one run: for many small files. */
  readFiles(snapshot: string, directory: string): AsyncIterable<TreeFile>;
  /** Paths of the regular files of a snapshot with sizes, and of symbolic links. */
  listFiles(snapshot: string): AsyncIterable<ListedFile>;
  /** Files that hold other bytes in the second snapshot than in the first, or are gone there. New ones are none. */
  changedFiles(before: string, after: string): AsyncIterable<string>;
  /** Structure, and every byte with `readData`. Damage comes as a Fault DAMAGED that names packs and snapshots. */
  check(options: { readData: boolean; signal?: AbortSignal }): Promise<void>;
  snapshots(): Promise<readonly SnapshotInfo[]>;
  forget(snapshots: readonly string[], options: { prune: boolean }): Promise<{ freed: number }>;
  /** Removes locks of writers that are known to be dead, and indexes what they had finished. */
  recover(): Promise<void>;
  /** Who holds the lock of this id; undefined where it has gone. */
  lockHolder(id: string): Promise<LockHolder | undefined>;
}
