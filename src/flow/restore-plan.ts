import type { Finding } from "../base/finding.ts";
import type { ContentEdit } from "./contents.ts";
import type { BucketRecord, DatabaseRecord, VolumeRecord } from "./recovery-point.ts";
import type { KubeObject, ObjectRef } from "./object.ts";

/** Stage "plan" gives this for a restore: a graph of steps, and for every object of the point what happens and why. */
export interface RestorePlan {
  readonly point: string;
  readonly namespaces: readonly { readonly from: string; readonly to: string }[];
  readonly steps: readonly RestoreStep[];
  /** Every object of the point in the restored namespaces: exactly one line each. */
  readonly decisions: readonly Decision[];
  readonly findings: readonly Finding[];
  /** Hashes of what it was made on, part by part: a saved plan says what has changed since. */
  readonly facts?: Readonly<Record<string, string>>;
  /** How the API server answered when it was asked to try the writes (a dry run). */
  readonly tried?: {
    readonly accepted: number;
    /** In another namespace, since theirs is not there yet. */
    readonly formAccepted: number;
    readonly refused: number;
    /** They exist, are not as in the point, and nothing says what to do with them. */
    readonly differ: number;
    readonly notTried: number;
  };
}

export interface Decision {
  readonly ref: ObjectRef; // as in the point
  readonly action: "create" | "skip";
  readonly rule: string; // "child-of-controller"
  readonly reason: string; // a sentence
}

interface StepBase {
  readonly id: string;
  /** What has to be done, and well: where one of these fails, the step is not tried. */
  readonly needs: readonly string[];
  /** What is waited for, whatever becomes of it. */
  readonly after?: readonly string[];
  readonly why: string;
}

/** What is done with an object that exists and differs. */
export type ExistingMode = "fail" | "skip" | "patch" | "replace" | "recreate";

export type RestoreStep =
  | (StepBase & {
      readonly kind: "namespace";
      readonly name: string;
      readonly labels: Record<string, string>;
      readonly annotations: Record<string, string>;
    })
  /** Data into a volume made in Holdfast's namespace, then handed over to the claim of the application. */
  | (StepBase & {
      readonly kind: "volume";
      readonly record: VolumeRecord;
      readonly namespace: string;
      readonly claim: KubeObject;
      readonly existing: ExistingMode;
      /** The uid range of the namespace in the point, where the files are to be given to the target's: "1000680000/10000". */
      readonly uidRange?: string;
      /** The claim exists, and its content is replaced where it is: its workloads are stopped by then. */
      readonly inPlace?: true;
      /** What is changed in the restored files at the end. */
      readonly edits?: readonly ContentEdit[];
    })
  /** Stops what mounts the claims whose content is replaced, and waits until no pod has them. */
  | (StepBase & { readonly kind: "stop"; readonly namespace: string; readonly claims: readonly string[] })
  /** Starts what was stopped, as it was; what mounts a claim that was not replaced to its end stays stopped. */
  | (StepBase & { readonly kind: "start"; readonly namespace: string })
  /** Creates the claim where there is one, waits for its bucket, uploads the objects. */
  | (StepBase & {
      readonly kind: "bucket";
      readonly record: BucketRecord;
      readonly namespace: string;
      readonly claim?: KubeObject;
      /** Keys of the bucket in the point, to find copies of them. Secret: never printed. */
      readonly was?: { readonly accessKey: string; readonly secretKey: string };
      /** Keys below these get other names. */
      readonly edits?: readonly ContentEdit[];
    })
  | (StepBase & {
      readonly kind: "object";
      readonly object: KubeObject;
      readonly existing: ExistingMode;
      /** For mode "patch", where a person's transforms took something away: the object without them. */
      readonly base?: KubeObject;
      readonly rewrite: boolean;
      /** A merge patch: the object is created with it, and rid of it when its status is in place. Of finished runs. */
      readonly hold?: Record<string, unknown>;
      /** The step that takes `hold` away when it is done; else the object's own status does. */
      readonly heldFor?: string;
    })
  /** Waits until the workload of a database answers; then its rows follow buckets, namespaces and recurring runs that changed. */
  | (StepBase & {
      readonly kind: "database";
      readonly record: DatabaseRecord;
      readonly namespace: string;
      /** Rows of a pipeline server are keyed by their uids: `was` is the one of the point. */
      readonly recurringRuns?: readonly { readonly ref: ObjectRef; readonly was: string; readonly enabled: boolean }[];
      /** Namespaces that come back under another name. */
      readonly namespaces?: readonly { readonly from: string; readonly to: string }[];
      /** Merge patches that let go what waits for the rows. */
      readonly releases?: readonly { readonly ref: ObjectRef; readonly patch: Record<string, unknown> }[];
    })
  /** Waits until what was ready in the point is ready again. */
  | (StepBase & { readonly kind: "ready"; readonly refs: readonly ObjectRef[]; readonly seconds: number })
  /** Lets go what came back switched off or held back, where a person asked for it. The last step of its namespace. */
  | (StepBase & {
      readonly kind: "resume";
      readonly namespace: string;
      readonly releases: readonly Release[];
      /** Where the rows of recurring runs may be, which say the same as their objects. */
      readonly databases?: readonly DatabasePlace[];
    });

/** A database of the point, and where it is now. */
export interface DatabasePlace {
  readonly record: DatabaseRecord;
  readonly namespace: string;
}

/** What lets go one object: a merge patch, and where its status notes the last start, which is set to now. */
export interface Release {
  readonly ref: ObjectRef; // as in the target
  readonly patch: Record<string, unknown>;
  readonly clock?: readonly string[];
  /** Of a recurring run: a row of the pipeline server's database says the same. */
  readonly row?: { readonly noCatchup: boolean };
}

export interface Outcome {
  readonly ref: ObjectRef; // as in the target
  readonly result: "created" | "updated" | "unchanged" | "skipped" | "failed";
  readonly reason: string;
}

export interface RestoreReport {
  readonly startedAt: string;
  readonly completedAt: string;
  readonly outcomes: readonly Outcome[];
  readonly volumes: readonly {
    readonly id: string;
    readonly bytes: number;
    readonly milliseconds: number;
    readonly result: "restored" | "failed";
    readonly reason: string;
  }[];
  readonly buckets: readonly {
    readonly id: string;
    readonly bucket: string;
    readonly objects: number;
    readonly bytes: number;
    readonly result: "restored" | "failed";
    readonly reason: string;
  }[];
  /** What was rewritten because a bucket, endpoint or key changed. Names only, never values. */
  readonly rewrites: readonly string[];
  readonly findings: readonly Finding[];
  /** Where it was stopped before its end: how much was not done. */
  readonly stopped?: string;
}
