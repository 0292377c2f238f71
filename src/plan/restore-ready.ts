import type { KubeObject } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { readinessOf } from "../profiles/index.ts";
import { isKind, kinds } from "../profiles/kinds.ts";
import type { ObjectSet } from "../profiles/object-set.ts";
import { type Decided, isWritten } from "./restore-decided.ts";
import { kindKey } from "./restore-facts.ts";
import { type Draft, draft } from "./restore-graph.ts";
import { ranks, stepIds } from "./restore-names.ts";
import { type RestoreComponent, defaultReadySeconds } from "./restore-options.ts";

/** Kinds that are neither ready nor unready: no look at them is needed. */
const lies = new Set([
  "ConfigMap",
  "Secret",
  "ServiceAccount",
  "Role.rbac.authorization.k8s.io",
  "RoleBinding.rbac.authorization.k8s.io",
]);

/** What was ready in the point has to be ready again, and Services that somebody answered behind. */
export function readyDraft(
  component: RestoreComponent,
  decided: readonly Decided[],
  all: ObjectSet,
  work: readonly Draft[],
  namespaceOf: (step: RestoreStep) => string | undefined,
): Draft[] {
  // What was stopped for a volume's sake is to be as it was, also where it is not written itself.
  const stops = work.some(({ step }) => step.kind === "stop" && step.namespace === component.restoreNamespace);
  const refs = decided
    .filter(
      (one) =>
        one.component === component &&
        (isWritten(one) || (stops && one.decision.rule === "already-exists")) &&
        !lies.has(kindKey(one.ref.group, one.ref.kind)) &&
        wasReady(one.original, all),
    )
    .map((one) => one.targetRef);
  if (refs.length === 0) return [];
  const namespace = component.restoreNamespace;
  const after = work.filter((one) => namespaceOf(one.step) === namespace).map((one) => one.step.id);
  const seconds = component.readyWaitSeconds ?? defaultReadySeconds;
  const why = `${refs.length} objects were ready in the point`;
  return [
    draft({ kind: "ready", id: stepIds.ready(namespace), needs: [], why, refs, seconds }, ranks.ready, [], after),
  ];
}

function wasReady(object: KubeObject, all: ObjectSet): boolean {
  return isKind(object, kinds.service) ? hadEndpoints(object, all) : readinessOf(object) === "ready";
}

interface Endpoint {
  readonly conditions?: { readonly ready?: boolean };
}

function hadEndpoints({ metadata: { name, namespace = "" } }: KubeObject, all: ObjectSet): boolean {
  const slices = all.withLabels("discovery.k8s.io", "EndpointSlice", namespace, { "kubernetes.io/service-name": name });
  for (const { endpoints = [] } of slices) {
    if ((endpoints as Endpoint[]).some((one) => one.conditions?.ready !== false)) return true;
  }
  return false;
}
