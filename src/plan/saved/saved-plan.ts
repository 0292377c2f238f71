import type { ObjectRef } from "../../flow/object.ts";
import { kindKey } from "../restore-facts.ts";
import type { JsonPatch, RestoreComponent } from "../restore-options.ts";

/**
 * A restore plan as a file that a person reviews, edits and runs. It names objects of the recovery point and holds nothing of
 * them, so no Secret is in it; changes are patches.
 */
export interface SavedPlan {
  /** For messages. */
  readonly file: string;
  readonly point: string;
  /** Where the point lies: what `--from` takes. */
  readonly target: string;
  readonly made: { readonly at: string; readonly facts: FactsDigest };
  /** Of the restore as a whole: {includeClusterResources: true}. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly components: readonly RestoreComponent[];
  /** Namespace in the point -> "Deployment.apps/web" -> what becomes of it. Cluster-scoped ones under "". */
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, SavedObject>>;
  readonly steps: ReadonlyMap<string, SavedStep>;
}

export interface SavedObject {
  readonly action: "create" | "skip";
  /** Of the rule that decided when the plan was made; a person's own lines have none. */
  readonly rule?: string;
  readonly jsonPatches?: readonly JsonPatch[];
  readonly line: number;
}

export interface SavedStep {
  readonly action: "run" | "skip";
  readonly line: number;
}

/** What a plan was made on, part by part: hashes, so that a later run can say which part has changed. */
export type FactsDigest = Readonly<Record<string, string>>;

/** "Deployment.apps/web": how an object is named under its namespace. */
export function lineName(ref: ObjectRef): string {
  return `${kindKey(ref.group, ref.kind)}/${ref.name}`;
}

/** What the file says of an object of the point. */
export function savedOf(saved: SavedPlan, ref: ObjectRef): SavedObject | undefined {
  return saved.objects.get(ref.namespace ?? "")?.get(lineName(ref));
}
