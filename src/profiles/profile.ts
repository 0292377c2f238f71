/**
 * What Holdfast knows of one platform piece, declared in one place (DESIGN.md D8). Data and pure functions, no I/O.
 * A new platform piece is a new file that exports a Profile, and one line in index.ts.
 * Use the profiles through index.ts: it asks all of them and joins their answers.
 */
import type { Bucket, Database, Edge } from "../flow/inventory.ts";
import type { KubeObject, ObjectRef } from "../flow/object.ts";
import type { ObjectSet } from "./object-set.ts";

export interface GroupKind {
  readonly group: string; // "" for core
  readonly kind: string;
}

/** The object points to `to`, by the field or rule that `rule` names: "spec.predictor.model.runtime". */
export interface Reference {
  readonly to: ObjectRef;
  readonly kind: Edge["kind"];
  readonly rule: string;
  /** True where the object works without it, so that its absence is no finding. */
  readonly optional?: boolean;
}

/** Where a path leads, beside objects: a place named by a URI ("s3://...", "hf://..."), or a container image. */
export type PathEnd = GroupKind | "uri" | "image";

export interface PathRule {
  readonly of: GroupKind;
  readonly path: string;
  readonly to: PathEnd;
  /** "workspace.kind"; stable: edges and findings name it. */
  readonly rule: string;
  readonly kind: Edge["kind"];
  /** The namespace of what is named: the object's own, none ("cluster"), or what stands at another path of the object. */
  readonly within: "same" | "cluster" | { readonly path: string };
  /** How a name is made of the text that was found, which stands for "*": "*-pvc". */
  readonly name: string;
  readonly optional: boolean;
}

/** Why an object of a recovery point is not written back. */
export interface NotRestored {
  readonly rule: string; // "child-of-controller"; stable, part of the restore plan
  readonly reason: string; // a sentence
}

/** Kinds of which nothing is written back. A kind "*" is every kind of the group. */
export interface LeaveRule extends NotRestored {
  readonly kinds: readonly GroupKind[];
}

/** What a profile does, for people: docs/reference/profiles.md. */
export interface About {
  readonly is: string;
  /** What controllers make again, and what else is not written back. */
  readonly left?: string;
  /** State that comes back, although something owns it or would make another. */
  readonly keeps?: string;
  readonly status?: string;
  /** What comes back held: suspended, turned off. */
  readonly held?: string;
}

export type Readiness = "ready" | "not" | "unknown";

/** How an object is changed before it is written into a cluster. Names are exact, or a prefix that ends in "*". */
export interface RestoreRule {
  readonly id: string; // "notebook-culling"
  readonly kinds: readonly GroupKind[] | "all"; // a kind "*" is every kind of the group
  readonly why: string;
  readonly annotations?: readonly string[]; // dropped
  readonly labels?: readonly string[]; // dropped
  readonly finalizers?: readonly string[]; // dropped
  readonly fields?: readonly string[]; // dropped: "spec.clusterIP"
  /** What plain dropping cannot say. Gets a copy that it may change; gives what is to be written. */
  readonly change?: (object: KubeObject) => KubeObject;
}

/** Objects of `kind` are written after all objects of the kinds in `after` that are in the same restore. */
export interface OrderHint {
  readonly kind: GroupKind;
  readonly after: readonly GroupKind[];
  readonly why: string;
}

/** One use of a bucket. Discovery joins the uses of one bucket into a Bucket. Credentials are named, never given. */
export interface BucketUse {
  readonly bucket: string;
  readonly endpoint?: string; // URL; absent where nothing in scope says it
  readonly region?: string;
  readonly credentials?: Bucket["credentials"]; // absent: out of reach
  readonly claim?: Bucket["claim"];
  readonly prefix: string; // "" is the whole bucket
  readonly because: string;
  /** The object that uses it. */
  readonly by: ObjectRef;
}

/** Hosts of the database servers that hold the rows of objects of this kind: "db", "db:3306", or a URL, as they are written. */
export interface RowsRule {
  readonly of: GroupKind;
  readonly hosts: (object: KubeObject, all: ObjectSet) => readonly unknown[];
}

export interface Profile {
  readonly name: string;
  readonly about?: About;
  /** Kinds that this profile speaks for; other profiles may speak of them too. */
  readonly kinds: readonly GroupKind[];
  /** Kinds that are never written back, whatever the object: asked before `children`. */
  readonly leaves?: readonly LeaveRule[];
  /** Fields that name other objects, URIs or images: a line each (paths.ts). */
  readonly paths?: readonly PathRule[];
  /** What `object` leans on, where a line of `paths` cannot say it. Called for objects of all kinds. */
  readonly references?: (object: KubeObject, all: ObjectSet) => readonly Reference[];
  /**
   * Children that a controller makes again, and other things that are never written back. A reason, or undefined
   * where this profile has nothing to say. `all` are the objects of the recovery point.
   */
  readonly children?: (object: KubeObject, all: ObjectSet) => NotRestored | undefined;
  /** State, although a controller owns it: wins over the rules "child-of-controller" and "child-from-outside". */
  readonly keeps?: (object: KubeObject, all: ObjectSet) => boolean;
  /** Databases that run in pods. */
  readonly databases?: (all: ObjectSet) => readonly Database[];
  /** Where its rows lie, if not in a database of its own: what gets Secrets with their values gives hosts only. */
  readonly rows?: readonly RowsRule[];
  /** Buckets that are used, with prefixes. Gets Secrets with their values; gives none of them. */
  readonly buckets?: (all: ObjectSet) => readonly BucketUse[];
  /** Is the object serving? undefined: not a kind of this profile. "unknown": nothing to judge by. */
  readonly readiness?: (object: KubeObject) => Readiness | undefined;
  readonly restoreRules?: readonly RestoreRule[];
  readonly order?: readonly OrderHint[];
}
