import type { KubeObject } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";

/** One write that is tried. */
export interface Attempt {
  readonly step: RestoreStep;
  readonly object: KubeObject;
  /** As a restore holds it back when it makes it. */
  readonly hold?: Record<string, unknown> | undefined;
  /** "Pods of Deployment.apps shop/web": made by a controller of what is restored. */
  readonly subject: string;
  readonly existing: "none" | Extract<RestoreStep, { kind: "object" }>["existing"];
}

export type Answer =
  | { readonly result: "accepted" }
  /** Its namespace is not there yet: only its form was judged, in another namespace. */
  | { readonly result: "form accepted" }
  | { readonly result: "refused"; readonly message: string }
  /** It exists, is not as in the point, and nothing says what to do then. */
  | { readonly result: "differs"; readonly fields: string }
  | { readonly result: "not tried"; readonly reason: string };

export interface Tried {
  readonly subject: string;
  readonly kind: string;
  /** Of the object and its namespace: messages that differ only by them say the same. */
  readonly names: readonly string[];
  readonly answer: Answer;
  /** Fields that the server would drop. */
  readonly dropped?: string;
}

/** Phase of each target namespace: "Active", "Terminating", or "absent". */
export type Phases = ReadonlyMap<string, string>;

/** Where the form of objects is tried whose own namespace is not there yet: every cluster has it. */
export const lentNamespace = "default";
