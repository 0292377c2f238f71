import type { Finding } from "../base/finding.ts";
import { type KubeObject, refOf } from "../flow/object.ts";
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
import type { ChangeContext, ChangeRule, RuleContext } from "./restore-rules/rule.ts";

export interface DecideInput {
  readonly point: RecoveryPoint;
  readonly objects: readonly KubeObject[];
  readonly clusterObjects: readonly KubeObject[];
  readonly target: TargetFacts;
  readonly components: readonly RestoreComponent[];
}

/** Asks the rules about every object of the restored namespaces, then makes what is to be written. */
export function decideAll(input: DecideInput): { decided: readonly Decided[]; all: ObjectSet } {
  const all = objectSet([...input.clusterObjects, ...input.objects]);
  const namespaces = new Map(input.components.map((one) => [one.sourceNamespace, one.restoreNamespace]));
  const components = new Map(input.components.map((one) => [one.sourceNamespace, one]));
  const judged = input.objects.flatMap((original) => {
    const component = components.get(original.metadata.namespace ?? "");
    if (!component) return [];
    const ref = refOf(original);
    const targetRef = { ...ref, namespace: component.restoreNamespace };
    const context: RuleContext = {
      ref,
      targetRef,
      component,
      point: input.point,
      all,
      target: input.target,
      namespaces,
    };
    return [{ original, context, decision: decide(original, context) }];
  });
  leaveLoneHistory(judged, all);
  const written = new Set(
    judged.flatMap(({ original, decision }) => (decision.action === "create" ? (original.metadata.uid ?? []) : [])),
  );
  const decided = judged.map(({ original, context, decision }): Decided => {
    const { ref, targetRef, component } = context;
    if (decision.action === "skip") return { original, ref, targetRef, component, decision };
    const problems: Finding[] = [];
    const { object, base, words } = change(original, {
      ...context,
      isWritten: (uid) => written.has(uid),
      problem: (finding) => problems.push(finding),
    });
    const reason = [decision.reason, ...words].join("; ");
    return {
      original,
      ref,
      targetRef,
      component,
      decision: { ...decision, reason },
      planned: object,
      ...(base ? { base } : {}),
      ...(problems.length > 0 ? { problems } : {}),
    };
  });
  return { decided, all };
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
  const object = structuredClone(original);
  const words = applyRules(object, changeRules, context);
  const prepared = prepare(object, restoreRules);
  if (prepared.changedBy.length > 0) words.push(`prepared by ${prepared.changedBy.join(", ")}`);
  const before = context.component.transforms.length > 0 ? structuredClone(prepared.object) : undefined;
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
