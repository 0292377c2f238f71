/**
 * Movers carry bulk data. A mover is a Job in Holdfast's namespace; its process is src/agent. Its task, with the keys that
 * it needs and no others, is a Secret owned by the Job. `runMover` (run.ts) starts one, follows its progress, gives its
 * result; it queues while too many run (limits per node and in all) and leaves nothing behind, whatever happens.
 */
import type { ContentEdit, Contents } from "../flow/contents.ts";
import type { BucketObject } from "../flow/recovery-point.ts";
import type { TargetAccess } from "../store/contract.ts";

/** Secret content (task-secret.ts), mounted in /run/holdfast. */
export interface MoverTask {
  readonly id: string; // unique within the run, a DNS label
  readonly run: string; // id of the run: label holdfast.dev/run on everything made for it
  readonly target: TargetAccess;
  /** The target's key is not given to movers: only the password of the one repository. */
  readonly repository: { readonly name: string; readonly password: string };
  readonly work: MoverWork;
}

export type MoverWork =
  | {
      readonly kind: "save-tree";
      readonly host: string;
      readonly tags: readonly string[];
      readonly parent?: string;
      readonly reread: boolean /** Applications may write meanwhile: a hash is given only if none did. */;
      readonly live?: boolean;
    }
  | { readonly kind: "save-block"; readonly host: string; readonly tags: readonly string[] } // raw block device at /dev/holdfast
  | {
      readonly kind: "restore-tree";
      readonly snapshot: string;
      readonly treeSha256?: string;
      /** When the files are there and compared: to whom they are given. */
      readonly owners?: OwnerShift;
      /** What is changed in them at the end. */
      readonly edits?: readonly ContentEdit[];
    }
  | { readonly kind: "restore-block"; readonly snapshot: string; readonly path: string; readonly sha256?: string }
  | {
      readonly kind: "save-bucket";
      readonly bucket: BucketAccess;
      readonly prefixes: readonly string[];
      readonly previous: readonly BucketObject[];
      readonly tags: readonly string[];
      readonly reread: boolean;
    }
  | {
      readonly kind: "restore-bucket";
      readonly bucket: BucketAccess;
      readonly objects: readonly BucketObject[];
      /** Small texts that come in the place of objects of the point, when all else is there. */
      readonly written?: readonly { readonly key: string; readonly text: string }[];
    };

/** `count` user and group ids from `from` on become those from `to` on. */
export interface OwnerShift {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface BucketAccess {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly caCert?: string; // PEM
  readonly insecureSkipVerify?: boolean;
}

/** Where the data of a volume is, for the mover's pod. It is mounted at /data (or given as /dev/holdfast). */
export type MoverVolume =
  | { readonly kind: "claim"; readonly claim: string; readonly readOnly: boolean; readonly block: boolean }
  /** The directory in which kubelet of `node` has a volume of a pod mounted. */
  | {
      readonly kind: "live";
      readonly node: string;
      readonly podUid: string;
      readonly volumeName: string;
      readonly emptyDir?: true;
    }
  | { readonly kind: "none" };

export type MoverResult =
  | {
      readonly kind: "saved";
      readonly snapshot: string;
      readonly files: number;
      readonly bytes: number;
      readonly added: number;
      readonly treeSha256?: string;
      readonly contents?: Contents;
    }
  | { readonly kind: "restored"; readonly files: number; readonly bytes: number; readonly treeSha256?: string }
  | {
      readonly kind: "bucket-saved";
      readonly objects: readonly BucketObject[];
      readonly bytes: number;
      readonly added: number /** Keys that were gone or kept changing while they were read. */;
      readonly missed?: readonly string[];
      readonly contents?: Contents;
    }
  | { readonly kind: "bucket-restored"; readonly objects: number; readonly bytes: number };

export interface Movers {
  /** Deadline without progress: 10 minutes, then the mover is removed and the Fault says so. Retries a died pod 3 times. */
  run(
    task: MoverTask,
    volume: MoverVolume,
    options: { onBytes?: (done: number, total: number) => void; signal?: AbortSignal },
  ): Promise<MoverResult>;
  /** Removes every Job, Secret and claim of a run. */
  cleanUp(run: string): Promise<void>;
}

/** Label on every temporary object of a run. The value is the run's id. */
export const runLabel = "holdfast.dev/run";
/** The namespace of the operator, its movers and its Secrets. */
export const systemNamespace = "holdfast-system";
