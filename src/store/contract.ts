/**
 * What the rest of Holdfast sees of a target. Nothing here knows Kubernetes. `openTarget` (target.ts) gives a TargetStore.
 * Bulk content is in restic repositories; an own writer may replace restic for objects, buckets and block images behind
 * `Repository` without any change outside this room.
 */
import type { Readable } from "node:stream";
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
  | { readonly kind: "directory"; readonly path: string };

/** 32 random bytes, base64. One per target; wraps the repositories' passwords and the signing key. */
export type TargetKey = string;

export interface TargetStore {
  readonly id: string; // from holdfast.json
  /** Newest first. Reads only manifests; a broken one gives a Fault in its place, never an end of the list. */
  points(filter?: { cluster?: string; plan?: string }): AsyncIterable<RecoveryPoint>;
  /** Fault NOT_FOUND, or DAMAGED where the signature does not hold. */
  readPoint(cluster: string, plan: string, id: string): Promise<RecoveryPoint>;
  /** Writes and signs manifest.json. The last write of a backup; fails with CONFLICT if it exists. */
  seal(point: RecoveryPoint): Promise<void>;
  /** First the manifest, then the snapshots nobody else names, then (optional) prune. Idempotent. */
  removePoint(cluster: string, plan: string, id: string, options: { prune: boolean }): Promise<{ freed: number }>;
  /** Opens the repository, making it and its wrapped password at first use. Name: "repos/<cluster>/<namespace>". */
  repository(name: string): Promise<Repository>;
  /** The repositories' names that exist on the target. */
  repositories(): Promise<readonly string[]>;
  /** The clear password of a repository, for the recovery kit and for a mover's task. A secret. */
  repositoryPassword(name: string): Promise<string>;
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
}

export type OnBytes = (done: number, total: number) => void;

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onBytes?: OnBytes;
}

export interface Repository {
  readonly name: string;
  /**
   * Saves the tree under `directory`; paths inside the snapshot are relative to it ("/a/b" for directory/a/b), after `root`
   * ("/objects/ns") if given. `parent` is the snapshot to compare with; `reread` reads every byte again (Full).
   * Owners, modes, times, hard links, xattrs, ACLs and sparse files are kept.
   */
  saveTree(
    source: { directory: string; host: string; tags: readonly string[]; parent?: string; reread: boolean },
    options?: RunOptions,
  ): Promise<Saved>;
  /** Saves one stream as one file of a snapshot of its own. Gives the SHA-256 of what went through. */
  saveStream(
    source: { stream: Readable; path: string; host: string; tags: readonly string[] },
    options?: RunOptions,
  ): Promise<Saved & { sha256: string }>;
  /** Restores a snapshot (or the part under `subpath`) into `directory`. Repeatable: what is equal is not written again. */
  restoreTree(
    from: { snapshot: string; subpath?: string; directory: string; deleteOthers?: boolean },
    options?: RunOptions,
  ): Promise<{ files: number; bytes: number }>;
  /** The content of one file of a snapshot. */
  openFile(snapshot: string, path: string): Readable;
  /** Paths of the regular files of a snapshot with sizes. */
  listFiles(snapshot: string): AsyncIterable<{ path: string; size: number }>;
  /** Structure, and every byte with `readData`. Damage comes as a Fault DAMAGED that names packs and snapshots. */
  check(options: { readData: boolean }): Promise<void>;
  snapshots(): Promise<readonly { id: string; tags: readonly string[]; host: string; time: string }[]>;
  forget(snapshots: readonly string[], options: { prune: boolean }): Promise<{ freed: number }>;
  /** Removes locks of writers that are known to be dead, and indexes what they had finished. */
  recover(): Promise<void>;
}
