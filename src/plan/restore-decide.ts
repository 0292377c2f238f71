import type { Finding } from "../base/finding.ts";
import { copyOf } from "../flow/copy.ts";
import { type Keep, keepAsIs, withObject } from "../flow/kept.ts";
import type { KubeObject, ObjectRef } from "../flow/object.ts";
import { keptIn, type ObjectList } from "../flow/object-list.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { Decision } from "../flow/restore-plan.ts";
import { restoreRules } from "../profiles/index.ts";
import { type ObjectSet, objectSet } from "../profiles/object-set.ts";
import { prepare } from "../profiles/prepare.ts";
import type { Decided } from "./restore-decided.ts";
import type { TargetFacts } from "./restore-facts.ts";
import type { RestoreComponent } from "./restore-options.ts";
import { leaveLoneHistory } from "./restore-rules/history.ts";
import { changeRules, decideRules, lastChanges } from "./restore-rules/index.ts";
import { nameWithPrefix, newNames } from "./restore-rules/name-prefix.ts";
import { follow } from "./saved/follow.ts";
import type { SavedPlan } from "./saved/saved-plan.ts";
import type { ChangeContext, ChangeRule, RuleContext } from "./restore-rules/rule.ts";

export interface DecideInput {
  readonly point: RecoveryPoint;
  readonly objects: ObjectList;
  readonly clusterObjects: ObjectList;
  readonly target: TargetFacts;
  readonly components: readonly RestoreComponent[];
  readonly keep?: Keep;
  /** Its word counts more than the rules'. */
  readonly saved?: SavedPlan;
}

/** Asks the rules about every object of the restored namespaces, then makes what is to be written. */
export function decideAll(input: DecideInput): {
  decided: readonly Decided[];
  all: ObjectSet;
  /** As the rules alone would have it; only where a saved plan may have it otherwise. */
  byRules: readonly Decision[];
} {
  const { keep = keepAsIs } = input;
  const objects = keptIn(input.objects);
  const all = objectSet([...keptIn(input.clusterObjects), ...objects]);
  const reasons = new Map<string, string>(); // few reasons, many objects
  const namespaces = new Map(input.components.map((one) => [one.sourceNamespace, one.restoreNamespace]));
  const components = new Map(input.components.map((one) => [one.sourceNamespace, one]));
  // Made for each object when it is needed: kept for all of them, they would weigh as much as the decisions.
  const contextOf = (place: Pick<RuleContext, "ref" | "targetRef" | "component">): RuleContext => ({
    ...place,
    point: input.point,
    all,
    target: input.target,
    namespaces,
  });
  const judged = objects.flatMap((kept) => {
    const { ref } = kept;
    const component = components.get(ref.namespace ?? "");
    if (!component) return [];
    const original = kept.object;
    const targetRef = targetOf(ref, component, nameWithPrefix(original, component.namePrefix, all));
    const decision = decide(original, contextOf({ ref, targetRef, component }));
    return [{ kept, ref, targetRef, component, decision }];
  });
  leaveLoneHistory(judged, all);
  const byRules = input.saved ? judged.map((one) => one.decision) : [];
  const { saved } = input;
  if (saved) for (const one of judged) one.decision = follow(saved, one.decision);
  const written = new Set(
    judged.flatMap(({ kept, decision }) => (decision.action === "create" ? (kept.uid ?? []) : [])),
  );
  const renamed = newNames(judged);
  const decided = judged.map(({ kept, ref, targetRef, component, decision }): Decided => {
    if (decision.action === "skip") return withObject({ ref, targetRef, component, decision }, "original", kept);
    const problems: Finding[] = [];
    const { object, base, words } = change(kept.object, {
      ...contextOf({ ref, targetRef, component }),
      isWritten: (uid) => written.has(uid),
      newNames: renamed,
      problem: (finding) => problems.push(finding),
    });
    const text = [decision.reason, ...words].join("; ");
    const reason = reasons.get(text) ?? text;
    reasons.set(reason, reason);
    const one = {
      ref,
      targetRef,
      component,
      decision: { ...decision, reason },
      ...(problems.length > 0 ? { problems } : {}),
    };
    const made = withObject(withObject(one, "original", kept), "planned", keep(object, targetRef));
    return base ? withObject(made, "base", keep(base, targetRef)) : made;
  });
  return { decided, all, byRules };
}

/** The same value where nothing changes: nearly everywhere. */
function targetOf(ref: ObjectRef, { restoreNamespace }: RestoreComponent, name: string): ObjectRef {
  if (ref.name === name && ref.namespace === restoreNamespace) return ref;
  return { ...ref, name, namespace: restoreNamespace };
}

function decide(object: KubeObject, context: RuleContext): Decision {
  for (const rule of decideRules) {
    const verdict = rule.decide(object, context);
    if (verdict)
      return { ref: context.ref, action: verdict.action, rule: verdict.rule ?? rule.name, reason: verdict.reason };
  }
  throw new Error("the last rule decides every object"); // cannot happen: ofTheApplication
}

interface Changed {
  readonly object: KubeObject;
  readonly base?: KubeObject;
  readonly words: string[];
}

function change(original: KubeObject, context: ChangeContext): Changed {
  const object = copyOf(original);
  const words = applyRules(object, changeRules, context);
  const prepared = prepare(object, restoreRules);
  if (prepared.changedBy.length > 0) words.push(`prepared by ${prepared.changedBy.join(", ")}`);
  const before = context.component.transforms.length > 0 ? copyOf(prepared.object) : undefined;
  const last = applyRules(prepared.object, lastChanges, context);
  return {
    object: prepared.object,
    words: [...words, ...last],
    ...(before && last.length > 0 ? { base: before } : {}),
  };
}

function applyRules(object: KubeObject, rules: readonly ChangeRule[], context: ChangeContext): string[] {
  return rules.map((rule) => rule.change(object, context)).filter((words): words is string => Boolean(words));
}
