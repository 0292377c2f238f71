/**
 * Kinds that start something by the clock. They come back switched off (DESIGN.md D9); here is what switches each on again,
 * and where it notes when it last did something: set to the moment of switching on, it leads to no run that was missed.
 */
import type { KubeObject } from "../flow/object.ts";
import { cronWorkflow } from "./argo.ts";
import { isKind, kinds } from "./kinds.ts";
import { scheduledWorkflow } from "./pipelines.ts";
import type { GroupKind } from "./profile.ts";
import { valueAt } from "./stopping.ts";

export interface ScheduleKind {
  readonly kind: GroupKind;
  readonly off: readonly string[];
  /** Its value in one that is switched off. */
  readonly value: boolean;
  /** The time of the last start, in its status. */
  readonly last?: readonly string[];
  /** Says that missed starts are made up for, where it does: as the person set it, once it is switched on. */
  readonly catchUp?: readonly string[];
}

const suspend = { off: ["spec", "suspend"], value: true };

const scheduleKinds: readonly ScheduleKind[] = [
  {
    kind: scheduledWorkflow,
    off: ["spec", "enabled"],
    value: false,
    last: ["status", "trigger", "lastTriggeredTime"],
    catchUp: ["spec", "noCatchup"],
  },
  { kind: kinds.cronJob, ...suspend, last: ["status", "lastScheduleTime"] },
  { kind: cronWorkflow, ...suspend, last: ["status", "lastScheduledTime"] },
  {
    kind: { group: "sparkoperator.k8s.io", kind: "ScheduledSparkApplication" },
    ...suspend,
    last: ["status", "lastRun"],
  },
  // Its operator makes a CronJob of this part of it.
  { kind: { group: "feast.dev", kind: "FeatureStore" }, off: ["spec", "cronJob", "suspend"], value: true },
  { kind: { group: "ray.io", kind: "RayCronJob" }, ...suspend, last: ["status", "lastScheduleTime"] },
];

/** What switches an object of this kind on and off; undefined where it is no schedule, or has none in it. */
export function scheduleKindOf(object: KubeObject): ScheduleKind | undefined {
  return scheduleKinds.find((one) => isKind(object, one.kind) && valueAt(object, one.off.slice(0, -1)) !== undefined);
}

/** Asks without a look at the object. */
export function isScheduleKind({ group, kind }: GroupKind): boolean {
  return scheduleKinds.some((one) => one.kind.kind === kind && one.kind.group === group);
}
