/** What `holdfast inspect` says. Plain data: `-o json|yaml` prints it as it is, text.ts and html.ts make it for people. */
import type { Finding } from "../../base/finding.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { Readiness } from "../../profiles/profile.ts";

export interface Report {
  readonly cluster: { readonly uid: string; readonly version: string; readonly name?: string };
  readonly namespaces: readonly string[];
  /** Nobody named them: these are all that hold a piece of an AI platform. */
  readonly isWholeCluster?: boolean;
  readonly takenAt: string;
  /** The answer in one word and one sentence. */
  readonly verdict: { readonly level: "bad" | "doubtful" | "good"; readonly text: string };
  readonly protection: Protection;
  /** What would be lost, or come back broken, although there is a backup: the worst first. */
  readonly faults: readonly Fault[];
  /** Good to know, and nothing to be done. */
  readonly notes: readonly Note[];
  readonly endpoints: readonly Endpoint[];
  readonly registries: readonly Registry[];
  readonly pipelines: readonly Named[];
  readonly workbenches: readonly Workbench[];
  readonly jobs: Jobs;
  readonly databases: readonly DatabaseLine[];
  readonly volumes: readonly VolumeLine[];
  readonly buckets: readonly BucketLine[];
  readonly objects: {
    readonly total: number;
    readonly kinds: number;
    readonly restored: number;
    readonly leftToControllers: number;
    readonly clusterScoped: number;
  };
  /** Everything that a backup of these namespaces would say, as it would say it. */
  readonly findings: readonly Finding[];
}

/** How bad it is: content that nothing brings back; broken already; may come back torn, or as something else. */
export type Loss = "lost" | "broken" | "doubtful";

export interface Fault extends Note {
  readonly loss: Loss;
}

export interface Note extends Finding {
  /** To be typed as they are, in this order; words in capitals are for the person to fill in. */
  readonly commands: readonly string[];
}

export interface Named {
  readonly name: string; // "rhoai-demo/iris"
  readonly state: Readiness;
}

export interface Endpoint extends Named {
  readonly format: string; // "sklearn"
  readonly runtime: string;
  readonly weights: string; // "bucket/prefix", a URI, or ""
  readonly url: string;
}

export interface Registry extends Named {
  readonly database: string;
}

export interface Workbench {
  readonly name: string;
  readonly volumes: readonly string[];
  readonly state: Readiness | "stopped";
}

export interface Job {
  readonly name: string;
  readonly kind: string;
  readonly state: "running" | "suspended" | "waiting";
}

export interface Jobs {
  readonly unfinished: readonly Job[];
  /** Unfinished ones beside those. */
  readonly more: number;
  readonly finished: number;
}

/** When a recovery point last took it; absent where none has. */
interface Held {
  readonly savedAt?: string;
}

export interface DatabaseLine extends Held {
  readonly id: string;
  readonly engine: string;
  readonly databases: readonly string[];
  readonly hold: string;
  readonly volumes: readonly string[];
}

export interface VolumeLine extends Held {
  readonly id: string;
  readonly size: number;
  readonly storageClass: string;
  readonly reading: "snapshot" | "live" | "none";
  readonly usedBy: string;
}

export interface BucketLine extends Held {
  readonly id: string;
  readonly claim: string;
  readonly prefixes: readonly string[]; // [""] is the whole bucket
  readonly size: BucketSize;
}

/** Of the prefixes that are protected. */
export type BucketSize =
  | { readonly objects: number; readonly bytes: number; readonly isPart?: true }
  | { readonly notListed: string };

export interface Protection {
  readonly plans: readonly PlanLine[];
  /** The newest point that holds all of the namespaces. */
  readonly point?: {
    readonly id: string;
    readonly completedAt: string;
    readonly ageMs: number;
    readonly namespaces: readonly string[];
    readonly target: string;
    readonly grade?: string;
    readonly findings: number;
  };
  /** Namespaces that no plan protects; all where there is no plan. */
  readonly unplanned: readonly string[];
  /** Volumes, buckets and databases that no recovery point holds. */
  readonly neverCaptured: readonly string[];
  /** Why the recovery points could not be looked at. */
  readonly unread?: string;
  /** What makes a recovery point now. */
  readonly command: string;
}

export interface PlanLine {
  readonly name: string; // "rhoai-demo-plan", "team-a/nightly"
  readonly kind: string;
  readonly target: string;
  readonly namespaces: readonly string[];
  readonly state: string;
}

/** What inspect is told beside the inventory. */
export interface Known {
  /** Newest first, as far as a target is known. */
  readonly points?: readonly KnownPoint[];
  readonly plans?: readonly PlanLine[];
  readonly sizes?: ReadonlyMap<string, BucketSize>;
  readonly clusterName?: string;
  readonly isWholeCluster?: boolean;
  readonly unread?: string;
}

/** A point as a Backup of the cluster shows it, with its manifest where that could be read. */
export interface KnownPoint {
  readonly id: string;
  readonly target: string;
  /** UID of the cluster that it was taken of. */
  readonly cluster: string;
  readonly completedAt: string;
  readonly namespaces: readonly string[];
  readonly grade?: string;
  /** Those that are no mere information. */
  readonly findings: number;
  readonly point?: RecoveryPoint;
}
