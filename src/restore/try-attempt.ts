import type { KubeObject } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";

/** One write that is tried. */
export interface Attempt {
  readonly step: RestoreStep;
  readonly object: KubeObject;
  /** "Pods of Deployment.apps shop/web": made by a controller of what is restored. */
  readonly subject: string;
  readonly existing: "none" | Extract<RestoreStep, { kind: "object" }>["existing"];
}

export type Answer =
  | { readonly result: "accepted" }
  /** Its namespace is not there yet: only its form was judged, in another namespace. */
  | { readonly result: "form accepted" }
  | { readonly result: "refused"; readonly message: string }
  | { readonly result: "not tried"; readonly reason: string };

export interface Tried extends Attempt {
  readonly answer: Answer;
  /** Fields that the server would drop. */
  readonly dropped?: string;
}

/** Phase of each target namespace: "Active", "Terminating", or "absent". */
export type Phases = ReadonlyMap<string, string>;

/** Where the form of objects is tried whose own namespace is not there yet: every cluster has it. */
export const lentNamespace = "default";
