import type { Selector } from "../flow/selector.ts";

/** What a person asks of a restore. Field names follow spec.components[] of a ClusterRestore. */
export interface RestoreOptions {
  readonly components: readonly RestoreComponent[];
}

export interface RestoreComponent {
  readonly sourceNamespace: string;
  readonly restoreNamespace: string;
  readonly flags: RestoreFlags;
  /** Empty includes everything. */
  readonly include?: Selector;
  readonly exclude?: Selector;
  readonly transforms: readonly Transform[];
  /** StorageClass in the point -> StorageClass in the target. */
  readonly storageClassMap: Readonly<Record<string, string>>;
  /** How long readiness is waited for; 600 where it is not given. */
  readonly readyWaitSeconds?: number;
}

export interface RestoreFlags {
  /** What exists in the target is left as it is. */
  readonly skipIfAlreadyExists?: boolean;
  /** What exists gets the fields of the point; fields that only the target has stay. Volumes are never written over. */
  readonly patchIfAlreadyExists?: boolean;
  /** The namespace keeps, or is given by its cluster, an own UID range; the one of the point is not carried over. */
  readonly useOCPNamespaceUIDRange?: boolean;
  /** Volumes and bucket objects, and nothing else. */
  readonly onlyData?: boolean;
  /** Objects, and no data: volumes and buckets come back empty. */
  readonly onlyMetadata?: boolean;
}

/** A change that a person wants in objects on their way back: JSON Patch (RFC 6902). */
export interface Transform {
  readonly transformName?: string;
  /** The objects it is for. */
  readonly resources: Selector;
  readonly jsonPatches: readonly JsonPatch[];
}

interface JsonPatch {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

export const defaultReadySeconds = 600;
