import type { Finding } from "../../base/finding.ts";
import type { KubeObject, ObjectRef } from "../../flow/object.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { ObjectSet } from "../../profiles/object-set.ts";
import type { TargetFacts } from "../restore-facts.ts";
import type { RestoreComponent } from "../restore-options.ts";

/** What a rule may look at. The object comes beside it. */
export interface RuleContext {
  readonly ref: ObjectRef; // in the point
  readonly targetRef: ObjectRef; // where it would be written
  readonly component: RestoreComponent;
  readonly point: RecoveryPoint;
  /** All objects of the point that were read, cluster-scoped ones too. */
  readonly all: ObjectSet;
  readonly target: TargetFacts;
  /** Namespace in the point -> namespace in the target. */
  readonly namespaces: ReadonlyMap<string, string>;
}

export interface Verdict {
  readonly action: "create" | "skip";
  readonly reason: string; // a sentence
  /** Where the rule asks others: the name of theirs. */
  readonly rule?: string;
}

/** Decides whether an object is written. The first rule that has something to say decides. */
export interface DecideRule {
  readonly name: string; // "child-of-controller"; stable
  readonly decide: (object: KubeObject, context: RuleContext) => Verdict | undefined;
}

/** What a change may look at: decisions are made by then. */
export interface ChangeContext extends RuleContext {
  /** Is the object with this uid in the point written by this restore? */
  readonly isWritten: (uid: string) => boolean;
  /** By refKey in the point: new names (namePrefix) of what has one. */
  readonly newNames: ReadonlyMap<string, string>;
  /** Says what a change could not do. Of severity "error" it holds the restore back. */
  readonly problem: (finding: Finding) => void;
}

/** Changes an object (a copy) before it is written. Says what it did in a few words, or undefined. */
export interface ChangeRule {
  readonly name: string;
  readonly change: (object: KubeObject, context: ChangeContext) => string | undefined;
}

export function skip(reason: string): Verdict {
  return { action: "skip", reason };
}

export function create(reason: string): Verdict {
  return { action: "create", reason };
}

/** "StatefulSet mariadb", for reasons. */
export function named(object: { kind: string; metadata: { name: string } }): string {
  return `${object.kind} ${object.metadata.name}`;
}
