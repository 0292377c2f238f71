import { Fault } from "../base/fault.ts";
import type { Keep } from "../flow/kept.ts";
import type { ObjectList } from "../flow/object-list.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { RestorePlan } from "../flow/restore-plan.ts";
import { decideCluster, withCluster } from "./restore-cluster.ts";
import { decideAll } from "./restore-decide.ts";
import type { TargetFacts } from "./restore-facts.ts";
import { restoreFindings } from "./restore-findings.ts";
import type { RestoreOptions } from "./restore-options.ts";
import { digestOf } from "./saved/digest.ts";
import { checkSaved, followedCluster, savedFindings, withoutSkipped } from "./saved/follow.ts";
import type { SavedPlan } from "./saved/saved-plan.ts";
import { buildSteps } from "./restore-steps.ts";

export type { RestoreOptions, Transform } from "./restore-options.ts";

export interface PlanRestoreInput {
  readonly point: RecoveryPoint;
  /** Objects of the restored namespaces, as read from the point. */
  readonly objects: ObjectList;
  readonly clusterObjects: ObjectList;
  readonly target: TargetFacts;
  readonly options: RestoreOptions;
  /** Where the objects lie that are to be written. */
  readonly keep?: Keep;
  /** A plan that a person has reviewed: it is done as it stands there. */
  readonly saved?: SavedPlan;
}

/** Decides everything about a restore. Pure: reads values, gives values. */
export function planRestore(input: PlanRestoreInput): RestorePlan {
  const { point, options } = input;
  const { components } = options;
  checkComponents(input);
  const cluster = options.includeClusterResources ? decideCluster({ ...input, components }) : [];
  const target = withCluster(input.target, cluster);
  const { decided: ofNamespaces, all, byRules } = decideAll({ ...input, target, components });
  const decided = [...followedCluster(cluster, input.saved), ...ofNamespaces];
  const decisions = decided.map((one) => one.decision);
  const { saved } = input;
  if (saved) checkSaved(saved, decisions, point.id);
  const steps = buildSteps({ point, decided, all, target, components });
  const findings = restoreFindings({ point, decided, target, components });
  return {
    point: point.id,
    namespaces: components.map((one) => ({ from: one.sourceNamespace, to: one.restoreNamespace })),
    steps: saved ? withoutSkipped(saved, steps) : steps,
    decisions,
    findings: saved ? [...findings, ...savedFindings(saved, input.target, byRules)] : findings,
    facts: digestOf(input.target),
  };
}

function checkComponents({ point, options: { components } }: PlanRestoreInput): void {
  if (components.length === 0)
    throw new Fault("USAGE", "the restore names no namespace", { hint: "set spec.components" });
  const known = point.namespaces.map((one) => one.name);
  for (const { sourceNamespace, flags } of components) {
    if (!known.includes(sourceNamespace)) {
      throw new Fault("USAGE", `recovery point ${point.id} holds no namespace ${sourceNamespace}`, {
        hint: `it holds ${known.join(", ")}`,
      });
    }
    if (flags.onlyData && flags.onlyMetadata) {
      throw new Fault("USAGE", `${sourceNamespace}: onlyData and onlyMetadata together leave nothing`, {
        hint: "set one of them",
      });
    }
  }
  for (const side of ["sourceNamespace", "restoreNamespace"] as const) {
    const names = components.map((one) => one[side]);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice) throw new Fault("USAGE", `${twice} is the ${side} of two components`, { hint: "use two restores" });
  }
}
