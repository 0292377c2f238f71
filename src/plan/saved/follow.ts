/** A saved plan's word over the rules: the decisions of the file, its patches as transforms, its skipped steps. Pure. */
import type { Finding } from "../../base/finding.ts";
import { type ObjectRef, refKey } from "../../flow/object.ts";
import type { Decision, RestoreStep } from "../../flow/restore-plan.ts";
import type { Decided } from "../restore-decided.ts";
import type { RestoreComponent, RestoreOptions, Transform } from "../restore-options.ts";
import type { TargetFacts } from "../restore-facts.ts";
import { digestOf } from "./digest.ts";
import { invalid } from "./read.ts";
import { lineName, type SavedPlan, savedOf } from "./saved-plan.ts";

const ruleName = "saved-plan";

/** What the file says of an object, with the rules' own word in the reason. */
export function follow(saved: SavedPlan, decision: Decision): Decision {
  const { ref, action, rule, reason } = decision;
  const own = savedOf(saved, ref);
  if (!own) return { ref, action: "skip", rule: ruleName, reason: "the plan file does not name it" };
  if (own.action === action) return decision;
  if (own.action === "create" && rule === "kind-not-served")
    throw invalid(saved.file, own.line, `${lineName(ref)} cannot be created: ${reason}`);
  return { ref, action: own.action, rule: ruleName, reason: `the plan file says so; by the rules: ${reason}` };
}

/** Cluster-scoped objects as the file has them: it can leave some out. */
export function followedCluster(decided: readonly Decided[], saved: SavedPlan | undefined): readonly Decided[] {
  if (!saved) return decided;
  return decided.map((one) => {
    const decision = follow(saved, one.decision);
    if (decision.action === one.decision.action) return one;
    const { ref, targetRef, component, original } = one;
    if (decision.action === "skip") return { ref, targetRef, component, original, decision };
    const { line } = savedOf(saved, ref)!;
    throw invalid(saved.file, line, `${lineName(ref)} cannot be created: ${one.decision.reason}`);
  });
}

/** The options of the file, with its patches as transforms after those that its components have. */
export function optionsOf(saved: SavedPlan): RestoreOptions {
  return { ...saved.options, components: saved.components.map((one) => withPatches(one, saved)) };
}

function withPatches(component: RestoreComponent, saved: SavedPlan): RestoreComponent {
  const objects = saved.objects.get(component.sourceNamespace) ?? new Map();
  const patched = [...objects].flatMap(([name, { jsonPatches, line }]): Transform[] => {
    if (!jsonPatches) return [];
    const { group, kind, name: own } = parseName(name);
    const resources = { gvkSelector: [{ groupVersionKind: { group, kind }, objects: [own] }] };
    return [{ transformName: `${saved.file} line ${line}`, resources, jsonPatches }];
  });
  return { ...component, transforms: [...component.transforms, ...patched] };
}

function parseName(name: string): { group: string; kind: string; name: string } {
  const slash = name.indexOf("/");
  const [kind = "", ...group] = name.slice(0, slash).split(".");
  return { kind, group: group.join("."), name: name.slice(slash + 1) };
}

/** Every line has to name something of the point: a typing error shall not silently leave an object out. */
export function checkSaved(saved: SavedPlan, decisions: readonly Decision[], point: string): void {
  if (saved.point !== point)
    throw invalid(saved.file, undefined, `it is a plan for recovery point ${saved.point}, not ${point}`);
  const known = new Set(decisions.map(({ ref }) => nameIn(ref)));
  for (const [namespace, objects] of saved.objects) {
    for (const [name, { line }] of objects) {
      if (!known.has(`${namespace} ${name}`))
        throw invalid(
          saved.file,
          line,
          `recovery point ${point} has no ${name}${namespace ? ` in namespace ${namespace}` : ""}`,
        );
    }
  }
}

function nameIn(ref: ObjectRef): string {
  return `${ref.namespace ?? ""} ${lineName(ref)}`;
}

/**
 * Without the steps that the file skips; who needs them goes on without. A step that the file says nothing of was taken out by
 * hand, or is new since nobody reviewed it (a claim that exists by now is replaced in place): it is not done by silence.
 */
export function withoutSkipped(saved: SavedPlan, steps: readonly RestoreStep[]): readonly RestoreStep[] {
  const skipped = new Set([...saved.steps].filter(([, one]) => one.action === "skip").map(([id]) => id));
  const ids = new Set(steps.map((step) => step.id));
  for (const [id, { line }] of saved.steps) {
    if (skipped.has(id) && !ids.has(id)) throw invalid(saved.file, line, `the plan has no step ${id} to skip`);
  }
  const unknown = steps.find((step) => step.kind !== "object" && !saved.steps.has(step.id));
  if (unknown)
    throw invalid(
      saved.file,
      undefined,
      `the plan has step ${unknown.id}, of which the file says nothing: put "${unknown.id}: {action: run}" (or skip) under steps`,
    );
  if (skipped.size === 0) return steps;
  const left = (list: readonly string[]) => list.filter((id) => !skipped.has(id));
  return steps
    .filter((step) => !skipped.has(step.id))
    .map((step) => Object.assign(step, { needs: left(step.needs), after: left(step.after ?? []) }));
}

/** What has changed since the plan was made, and where that makes the rules decide otherwise than the file. */
export function savedFindings(saved: SavedPlan, target: TargetFacts, byRules: readonly Decision[]): readonly Finding[] {
  const now = digestOf(target);
  const changed = Object.keys(now).filter((part) => saved.made.facts[part] !== now[part]);
  const differing = byRules.filter((decision) => {
    const own = savedOf(saved, decision.ref);
    return own?.rule !== undefined && own.rule !== decision.rule && own.action !== decision.action;
  });
  const findings: Finding[] = [];
  if (changed.length > 0)
    findings.push({
      code: "PLAN_FACTS_CHANGED",
      severity: "warning",
      subject: saved.file,
      message: `since it was made (${saved.made.at}) the target has changed: ${changed.join(", ")}`,
      advice: "look whether it still fits (--dry-run), or make a new one",
    });
  for (const one of differing.slice(0, mostNamed)) findings.push(difference(saved, one));
  if (differing.length > mostNamed)
    findings.push({
      ...difference(saved, differing[mostNamed]!),
      subject: `${differing.length - mostNamed} more objects`,
      message: "the plan file decides otherwise about them than the rules would now",
    });
  return findings;
}

const mostNamed = 20;

function difference(saved: SavedPlan, { ref, action, reason }: Decision): Finding {
  const own = savedOf(saved, ref)!;
  return {
    code: "PLAN_DECISION_DIFFERS",
    severity: "info",
    subject: refKey(ref),
    message: `${saved.file} line ${own.line} says ${own.action}, as the rules did then (${own.rule}); now they say ${action}: ${reason}`,
    advice: "the plan is followed; edit the line, or make a new plan",
  };
}
