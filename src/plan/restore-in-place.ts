import { refKey } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import type { Decided } from "./restore-decided.ts";
import type { TargetFacts } from "./restore-facts.ts";
import { type Draft, draft } from "./restore-graph.ts";
import { ranks, stepIds } from "./restore-names.ts";
import type { RestoreComponent } from "./restore-options.ts";

/** A claim that exists, whose content is replaced where it is. */
export function isReplacedInPlace({ decision, targetRef }: Decided, { existing }: TargetFacts): boolean {
  if (decision.rule !== "existing-volume" || decision.action !== "create") return false;
  return existing.has(refKey(targetRef)) && !existing.get(refKey(targetRef))?.handover;
}

/**
 * Replacing content in place: first what mounts the claims is stopped, all of it at once, since one workload may mount
 * several; then the volumes are filled; then everything is started as it was, after the ConfigMaps and Secrets that it
 * reads, and before any workload is written.
 */
export function inPlaceDrafts(
  component: RestoreComponent,
  work: readonly Draft[],
  namespaceOf: (step: RestoreStep) => string | undefined,
): Draft[] {
  const namespace = component.restoreNamespace;
  const own = work.filter((one) => namespaceOf(one.step) === namespace);
  const volumes = own.filter((one) => one.step.kind === "volume" && one.step.inPlace);
  if (volumes.length === 0) return [];
  const claims = volumes.flatMap(({ step }) => (step.kind === "volume" ? [step.claim.metadata.name] : []));
  const stop: RestoreStep = {
    kind: "stop",
    id: stepIds.stop(namespace),
    needs: [],
    why: `nothing may write to ${claims.join(", ")} while the content is replaced`,
    namespace,
    claims,
  };
  const start: RestoreStep = {
    kind: "start",
    id: stepIds.start(namespace),
    needs: [],
    why: "what was stopped runs again as it did",
    namespace,
  };
  for (const volume of volumes) volume.hard.add(stop.id);
  const earlier = own.filter((one) => one.rank < ranks.databaseWorkload).map((one) => one.step.id);
  for (const one of own) if (one.rank >= ranks.databaseWorkload) one.after.add(start.id);
  return [
    draft(stop, ranks.data, [stepIds.namespace(namespace)]),
    draft(start, ranks.outerBucket, [], [stop.id, ...earlier]),
  ];
}
