import type { KubeObject } from "../flow/object.ts";
import type { ExistingMode } from "../flow/restore-plan.ts";
import { matches, type Selector } from "../flow/selector.ts";

/** What a person asks of a restore. Field names follow spec.components[] of a ClusterRestore. */
export interface RestoreOptions {
  readonly components: readonly RestoreComponent[];
  /** Cluster-scoped objects that the namespaces lean on come too, where the target lacks them. */
  readonly includeClusterResources?: boolean;
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
  readonly onConflict?: OnConflict;
  /** A claim that exists. Not given: its data is kept, and mode "fail" holds the restore back. */
  readonly onVolumeConflict?: "keep" | "replace";
  /** Beginning of image names in the point -> in the target. */
  readonly imageRegistryMap?: Readonly<Record<string, string>>;
  /** Host or domain in the point -> in the target. */
  readonly hostMap?: Readonly<Record<string, string>>;
  /** Before the names of all objects that come back. */
  readonly namePrefix?: string;
  /** What starts by itself again at the end: schedules that were on, runs that were under way. Nothing where not given. */
  readonly resume?: readonly ("Schedules" | "Runs")[];
  /** How long readiness is waited for; 600 where it is not given. */
  readonly readyWaitSeconds?: number;
}

export interface OnConflict {
  readonly default?: ExistingMode;
  /** The first that chooses an object decides. */
  readonly rules?: readonly { readonly mode: ExistingMode; readonly resources: Selector }[];
}

/** What is done with `object` of the point where it exists in the target and differs. The two flags are short forms of modes. */
export function modeOf(
  object: KubeObject | (() => KubeObject), // a function where a look at it costs
  { onConflict, flags }: RestoreComponent,
): ExistingMode {
  const looked = () => (typeof object === "function" ? object() : object);
  const rule = onConflict?.rules?.find((one) => matches(one.resources, looked()));
  if (rule) return rule.mode;
  if (onConflict?.default) return onConflict.default;
  if (flags.patchIfAlreadyExists) return "patch";
  return flags.skipIfAlreadyExists ? "skip" : "fail";
}

export interface RestoreFlags {
  /** What exists in the target is left as it is. */
  readonly skipIfAlreadyExists?: boolean;
  /** What exists gets the fields of the point; fields that only the target has stay. */
  readonly patchIfAlreadyExists?: boolean;
  /** The namespace keeps, or is given by its cluster, an own UID range; the one of the point is not carried over. */
  readonly useOCPNamespaceUIDRange?: boolean;
  /** Services ask for the node ports that the old cluster gave them, not only for those that a person chose. */
  readonly preserveNodePorts?: boolean;
  /** A database may come up with an image of another major version than the one that wrote its files. */
  readonly allowDatabaseMajorChange?: boolean;
  /** Checkpoints that are not complete get ".partial" behind their names, so that no program resumes from them. */
  readonly setAsidePartialCheckpoints?: boolean;
  /** Volumes and bucket objects, and nothing else. */
  readonly onlyData?: boolean;
  /** Objects, and no data: volumes and buckets come back empty. */
  readonly onlyMetadata?: boolean;
}

/** A change that a person wants in objects on their way back: a JSON Patch (RFC 6902) or a merge patch (RFC 7386). */
export interface Transform {
  readonly transformName?: string;
  /** The objects it is for. */
  readonly resources: Selector;
  /** Only where this holds: CEL over `object` and `original`, or a JSONPath that chooses something of the object. */
  readonly when?: { readonly cel?: string; readonly jsonPath?: string };
  readonly jsonPatches?: readonly JsonPatch[];
  readonly mergePatch?: Readonly<Record<string, unknown>>;
}

export interface JsonPatch {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

export const defaultReadySeconds = 600;
