import type { Finding } from "../base/finding.ts";
import type { Readiness } from "../profiles/profile.ts";

/** What `holdfast inspect` says. Plain data: `-o json|yaml` prints it as it is, inspect-text.ts for people. */
export interface Report {
  readonly cluster: { readonly uid: string; readonly version: string };
  readonly namespaces: readonly string[];
  readonly takenAt: string;
  readonly endpoints: readonly Endpoint[];
  readonly registries: readonly { readonly name: string; readonly database: string; readonly state: Readiness }[];
  readonly workbenches: readonly {
    readonly name: string;
    readonly volumes: readonly string[];
    readonly state: Readiness | "stopped";
  }[];
  readonly databases: readonly {
    readonly id: string;
    readonly engine: string;
    readonly databases: readonly string[];
    readonly hold: string;
    readonly volumes: readonly string[];
  }[];
  readonly volumes: readonly VolumeLine[];
  readonly buckets: readonly BucketLine[];
  readonly objects: {
    readonly total: number;
    readonly kinds: number;
    readonly restored: number;
    readonly leftToControllers: number;
    readonly clusterScoped: number;
  };
  readonly protection: Protection;
  readonly findings: readonly Finding[];
}

export interface Endpoint {
  readonly name: string; // "rhoai-demo/iris"
  readonly format: string; // "sklearn"
  readonly runtime: string;
  readonly weights: string; // "bucket/prefix", a URI, or ""
  readonly url: string;
  readonly state: Readiness;
}

export interface VolumeLine {
  readonly id: string;
  readonly size: number;
  readonly storageClass: string;
  readonly reading: "snapshot" | "live" | "none";
  readonly usedBy: string;
}

export interface BucketLine {
  readonly id: string;
  readonly claim: string;
  readonly prefixes: readonly string[]; // [""] is the whole bucket
}

/** What a disaster would take now. */
export interface Protection {
  readonly point?: {
    readonly id: string;
    readonly completedAt: string;
    readonly ageMs: number;
    readonly namespaces: readonly string[];
  };
  /** Volumes, buckets and databases that no recovery point holds. */
  readonly neverCaptured: readonly string[];
}
