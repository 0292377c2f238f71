/**
 * What of a status comes back. Custom resources keep theirs: it is written by a second call after the creation, so that what
 * was finished stays finished. Built-in kinds start clean, since their controllers compute it all; a finished Job is the exception.
 */
import { type KubeObject, refOf } from "../../flow/object.ts";
import { isKind, kinds } from "../kinds.ts";
import { startsClean } from "../clean-start.ts";
import type { GroupKind, RestoreRule } from "../profile.ts";
import { endOf, runKindOf } from "../runs.ts";

/** Groups that an API server or OpenShift's own API server serves by itself. */
const kubernetes = [
  "admissionregistration",
  "apiextensions",
  "apiregistration",
  "authentication",
  "authorization",
  "certificates",
  "coordination",
  "discovery",
  "events",
  "flowcontrol.apiserver",
  "internal.apiserver",
  "networking",
  "node",
  "rbac.authorization",
  "resource",
  "scheduling",
  "storage",
  "storagemigration",
];
const openShift = ["apps", "build", "image", "oauth", "project", "quota", "route", "security", "template", "user"];
const builtIn = new Set([
  "",
  "apps",
  "autoscaling",
  "batch",
  "extensions",
  "policy",
  ...kubernetes.map((name) => `${name}.k8s.io`),
  ...openShift.map((name) => `${name}.openshift.io`),
]);

/** Is it of a kind that a CustomResourceDefinition made? */
export function isCustom(object: KubeObject): boolean {
  return !builtIn.has(refOf(object).group);
}

const all = (group: string): GroupKind => ({ group, kind: "*" });

/** Kinds that no profile of a platform piece speaks for. */
export const cleanStarts: readonly RestoreRule[] = [
  startsClean(
    "network",
    [
      all("gateway.networking.k8s.io"),
      all("serving.knative.dev"),
      all("networking.internal.knative.dev"),
      all("autoscaling.internal.knative.dev"),
      all("networking.istio.io"),
    ],
    "its addresses and routes are those of the old cluster",
  ),
];

/** Last of all rules: others look at the status. */
export const statusRules: readonly RestoreRule[] = [
  { id: "status", kinds: "all", why: "built-in controllers write the status of what they see", change: keepStatus },
];

function keepStatus(object: KubeObject): KubeObject {
  const { status } = object;
  if (status === undefined) return object;
  const finished = isRun(object) && endOf(object) !== undefined;
  if (isKind(object, kinds.job) && finished) object.status = statusOfFinishedJob(status);
  else if (!isCustom(object) || (isRun(object) && !finished)) delete object.status;
  else setObservedGeneration(status, finished ? 1 : 0);
  return object;
}

function isRun(object: KubeObject): boolean {
  return runKindOf(object) !== undefined;
}

/**
 * Generations are counted anew. A status that says it has seen generation 7 would keep its controller from looking at
 * generations 1 to 7 of the new object: it has seen none of them, but where it has to look at nothing any more.
 */
function setObservedGeneration(value: unknown, generation: number): void {
  if (value === null || typeof value !== "object") return;
  const record = value as Record<string, unknown>;
  for (const [key, child] of Object.entries(record)) {
    if (key === "observedGeneration" && typeof child === "number") record[key] = generation;
    else setObservedGeneration(child, generation);
  }
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

/** As API servers from 1.31 on ask for it: the end is announced before it is there, and nothing runs any more. */
function statusOfFinishedJob({ conditions, ...status }: Record<string, any>): Record<string, unknown> {
  const ended = ((conditions ?? []) as Condition[]).filter((one) => one.status === "True" && one.type !== "Suspended");
  const announced = (type: string, end: string) => {
    const last = ended.find((one) => one.type === end);
    return last && !ended.some((one) => one.type === type) ? [{ ...last, type }] : [];
  };
  const { active: _active, ready: _ready, terminating: _terminating, uncountedTerminatedPods: _pods, ...kept } = status;
  return {
    ...kept,
    conditions: [...announced("SuccessCriteriaMet", "Complete"), ...announced("FailureTarget", "Failed"), ...ended],
    uncountedTerminatedPods: {},
  };
}
