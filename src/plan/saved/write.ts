import { Document, isMap, type YAMLMap } from "yaml";
import { formatBytes } from "../../base/sizes.ts";
import type { Decision, RestorePlan, RestoreStep } from "../../flow/restore-plan.ts";
import type { RestoreOptions } from "../restore-options.ts";
import { type FactsDigest, lineName } from "./saved-plan.ts";

export const savedLayout = "restore-plan/v1";

const head = ` A restore plan. Look through it, edit it, and run it as it stands:

   holdfast restore --plan THIS_FILE          (--dry-run asks the API server about it first)

 objects: one line for each object of the recovery point. action is create or skip; what is not named is skipped.
   Change an object on its way by JSON Patch (RFC 6902):
     Deployment.apps/NAME: {action: create, jsonPatches: [{op: replace, path: /spec/replicas, value: 0}]}
 steps: what is done beside writing objects. action is run or skip; each has to be there.
 rule and reason say why; nothing reads the reason. Objects and their Secrets stay in the recovery point.`;

export interface SaveInput {
  readonly plan: RestorePlan;
  readonly options: RestoreOptions;
  readonly target: string;
  readonly facts: FactsDigest;
  readonly at: string;
}

/** The file's text: a line for each decision. Pure. */
export function savedPlanText({ plan, options, target, facts, at }: SaveInput): string {
  const { components, ...others } = options;
  const document = new Document({
    holdfast: savedLayout,
    point: plan.point,
    target,
    made: { at, facts },
    ...(Object.values(others).some((one) => one !== undefined) ? { options: others } : {}),
    components,
    objects: objectsOf(plan.decisions),
    steps: Object.fromEntries(
      plan.steps.flatMap((step) => (step.kind === "object" ? [] : [[step.id, { action: "run", why: whyOf(step) }]])),
    ),
  });
  document.commentBefore = head;
  for (const namespace of mapsIn(document.get("objects") as YAMLMap)) inOneLine(namespace);
  inOneLine(document.get("steps") as YAMLMap);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function objectsOf(decisions: readonly Decision[]): Record<string, unknown> {
  const byNamespace = Map.groupBy(decisions, ({ ref }) => ref.namespace ?? "");
  return Object.fromEntries(
    [...byNamespace].map(([namespace, list]) => [
      namespace,
      Object.fromEntries(
        [...list]
          .sort((a, b) => a.action.localeCompare(b.action) || lineName(a.ref).localeCompare(lineName(b.ref)))
          .map(({ ref, action, rule, reason }) => [lineName(ref), { action, rule, reason }]),
      ),
    ]),
  );
}

function whyOf(step: RestoreStep): string {
  if (step.kind === "volume") return `${formatBytes(step.record.bytes)}, ${step.why}`;
  return step.why;
}

function mapsIn(map: YAMLMap): YAMLMap[] {
  return map.items.flatMap(({ value }) => (isMap(value) ? [value] : []));
}

function inOneLine(map: YAMLMap): void {
  for (const entry of mapsIn(map)) entry.flow = true;
}
