/**
 * Kinds that run once and end: jobs, workflows, training. What holds each of them back, and how one tells that it has ended.
 * A run that had ended comes back ended: it is created held back, gets its status by a second write, and can then not start.
 */
import { type KubeObject, type ObjectRef, refOf } from "../flow/object.ts";

export interface RunKind {
  /** The field that keeps it from starting. */
  readonly hold: readonly string[];
  readonly value: unknown;
  /**
   * True where a finished one never starts again, so that the field may be as it was once the status is there. Other
   * controllers look at the spec first: there a finished run stays held back.
   */
  readonly release?: boolean;
}

const suspend: RunKind = { hold: ["spec", "suspend"], value: true };
const policy: RunKind = { hold: ["spec", "runPolicy", "suspend"], value: true };

const runKinds: Readonly<Record<string, RunKind>> = {
  "Job.batch": { ...suspend, release: true },
  "Workflow.argoproj.io": suspend,
  "JobSet.jobset.x-k8s.io": suspend,
  "TrainJob.trainer.kubeflow.org": suspend,
  "RayJob.ray.io": { ...suspend, release: true },
  "LMEvalJob.trustyai.opendatahub.io": suspend,
  "SparkApplication.sparkoperator.k8s.io": suspend,
  "AppWrapper.workload.codeflare.dev": suspend,
  "PyTorchJob.kubeflow.org": policy,
  "TFJob.kubeflow.org": policy,
  "MPIJob.kubeflow.org": policy,
  "XGBoostJob.kubeflow.org": policy,
  "PaddleJob.kubeflow.org": policy,
  "JAXJob.kubeflow.org": policy,
  "PipelineRun.tekton.dev": { hold: ["spec", "status"], value: "PipelineRunPending" },
};

/** Asks without a look at the object. */
export function isRunKind({ group, kind }: Pick<ObjectRef, "group" | "kind">): boolean {
  return `${kind}.${group}` in runKinds;
}

/** All kinds of runs that can be held. */
export function runKindsOf(): readonly { readonly group: string; readonly kind: string }[] {
  return Object.keys(runKinds).map((key) => {
    const dot = key.indexOf(".");
    return { kind: key.slice(0, dot), group: key.slice(dot + 1) };
  });
}

/** What holds a kind of runs back; undefined for others. */
export function holdOfKind({ group, kind }: Pick<ObjectRef, "group" | "kind">): RunKind | undefined {
  return runKinds[`${kind}.${group}`];
}

/** What holds an object of this kind back; undefined where it is no run that can be held. */
export function runKindOf(object: KubeObject): RunKind | undefined {
  const { group, kind } = refOf(object);
  return runKinds[`${kind}.${group}`];
}

/** The versions of a kind of runs whose definition knows the field that holds one back; undefined for what is no such kind. */
export function versionsThatHold({ spec }: KubeObject): readonly string[] | undefined {
  const run = runKinds[`${spec?.names?.kind}.${spec?.group}`];
  if (!run) return undefined;
  const versions: any[] = spec.versions ?? [];
  return versions.filter(({ schema }) => knows(schema?.openAPIV3Schema, run.hold)).map((one) => one.name);
}

/** A server drops a field that a definition does not know, but where it says that it keeps all. */
function knows(schema: any, [field, ...rest]: readonly string[]): boolean {
  if (field === undefined || !schema || schema["x-kubernetes-preserve-unknown-fields"]) return true;
  const next = schema.properties?.[field];
  return next !== undefined && knows(next, rest);
}

/** "Complete", "Failed", ... of a run that has ended; undefined while it runs or waits, and for what is no run. */
export function endOf(object: KubeObject): string | undefined {
  const { status } = object;
  const conditions: { type?: string; status?: string }[] = Array.isArray(status?.conditions) ? status.conditions : [];
  const done = conditions.find(
    (one) => one.status === "True" && /^(Complete|Completed|Succeeded|Failed|Finished)$/.test(one.type ?? ""),
  );
  if (done) return done.type;
  // Tekton: one condition, whose falsehood is the failure.
  if (conditions.some((one) => one.type === "Succeeded" && one.status === "False")) return "Failed";
  const phase: unknown =
    status?.jobDeploymentStatus ?? status?.phase ?? status?.applicationState?.state ?? status?.state;
  return typeof phase === "string" && /^(complete|completed|succeeded|failed|error)$/i.test(phase) ? phase : undefined;
}

/** The merge patch that gives the holding field this value; null takes it away. */
export function holdPatch({ hold }: RunKind, value: unknown): Record<string, unknown> {
  return hold.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
}

/** The value of the holding field, as it is. */
export function heldValue(object: KubeObject, { hold }: RunKind): unknown {
  return hold.reduce<any>((place, key) => place?.[key], object);
}
