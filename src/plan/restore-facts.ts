import type { PreflightFacts } from "./preflight/facts.ts";

/** What a restore plan has to know of the cluster that it restores into. Plain data; `gatherTargetFacts` reads it. */
export interface TargetFacts {
  /** By refKey in the target: objects of the restore namespaces, of the kinds that the point holds. */
  readonly existing: ReadonlyMap<string, ExistingFact>;
  readonly namespaces: ReadonlyMap<string, NamespaceFact>;
  readonly storageClasses: readonly StorageClassFact[];
  /** Kinds that are served: "Notebook.kubeflow.org", "Pod". */
  readonly kinds: ReadonlySet<string>;
  /** By "<namespace>/<name>". */
  readonly bucketClaims: ReadonlyMap<string, BucketClaimFact>;
  /** refKeys of the point's cluster-scoped objects that the target lacks. */
  readonly missingClusterObjects: readonly string[];
  /** refKeys of those that it has; only where cluster-scoped objects are restored too. */
  readonly clusterObjects?: ReadonlySet<string>;
  /** What the checks before the first write look at; absent where nobody asked. */
  readonly preflight?: PreflightFacts;
  /** What the caller may not do. */
  readonly missingRights: readonly MissingRight[];
}

export interface MissingRight {
  readonly kind: string; // kindKey
  readonly namespace?: string;
  readonly text: string; // "create notebooks.kubeflow.org in rhoai-demo"
}

export interface ExistingFact {
  readonly uid: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** uids of its owners. */
  readonly owners?: readonly string[];
  /** The run that is handing a volume over to this claim: set from creation until the volume is its own. */
  readonly handover?: string;
  /** The point and snapshot that a claim's volume was restored from, where Holdfast did. */
  readonly restoredFrom?: string;
  /** The run that began to replace a claim's content and did not end: what is in it is neither the old nor the new. */
  readonly replacing?: string;
}

export interface NamespaceFact {
  readonly phase: string; // "Active", "Terminating"
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface StorageClassFact {
  readonly name: string;
  readonly provisioner: string;
  readonly isDefault: boolean;
}

export interface BucketClaimFact {
  readonly bound: boolean;
  readonly bucket?: string;
}

/** May the caller not read this part of the target? Then nothing is said of it but that. */
export function isUnread({ preflight }: TargetFacts, what: string): boolean {
  return preflight?.unread.some((one) => one.what === what) ?? false;
}

/** "Notebook.kubeflow.org", "Pod". */
export function kindKey(group: string, kind: string): string {
  return group ? `${kind}.${group}` : kind;
}
