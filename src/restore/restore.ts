import pLimit from "p-limit";
import { Fault, toFault } from "../base/fault.ts";
import { refKey, refOf } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { Outcome, RestorePlan, RestoreReport, RestoreStep } from "../flow/restore-plan.ts";
import { restoreBucket } from "./bucket.ts";
import { type RestoreContext, type RestoreDeps, settle } from "./context.ts";
import { restoreDatabase } from "./database.ts";
import { runGraph } from "./graph.ts";
import { restoreNamespace } from "./namespace.ts";
import { restoreObject } from "./objects.ts";
import { untilReady } from "./ready.ts";
import { stages } from "./stages.ts";
import { restoreVolume } from "./volume.ts";

const objectsInFlight = 32;

/**
 * Does what a plan says: each step as soon as what it needs is done. A step that fails holds back only what needs it. Can
 * be run again after a kill, and a second time after the end: what is done is found done, and nothing is written twice.
 */
export async function restore(deps: RestoreDeps, plan: RestorePlan, point: RecoveryPoint): Promise<RestoreReport> {
  refuseIfHeldBack(plan);
  const startedAt = new Date().toISOString();
  const context: RestoreContext = {
    ...deps,
    point,
    rewrites: [],
    uids: new Map(),
    report: { outcomes: skippedByPlan(plan), volumes: [], buckets: [], rewrites: [], findings: [] },
  };
  const limit = pLimit(objectsInFlight);
  const stage = stages(plan.steps, deps.progress);
  try {
    await runGraph(plan.steps, {
      async perform(step) {
        stage.begins(step);
        const done = await attempt(step, context, () =>
          step.kind === "object" ? limit(() => perform(step, context)) : perform(step, context),
        );
        stage.ends(step);
        return done;
      },
      blocked(step, failed) {
        fail(step, new Fault("RESTORE", `not tried, since ${failed.join(", ")} failed`), context);
        stage.ends(step);
      },
    });
    deps.signal.throwIfAborted();
  } finally {
    await deps.movers.cleanUp(deps.run).catch((error) => deps.progress.note(`cleaning up: ${toFault(error).message}`));
  }
  return {
    startedAt,
    completedAt: new Date().toISOString(),
    ...context.report,
    outcomes: [...context.report.outcomes.values()],
  };
}

function refuseIfHeldBack({ findings }: RestorePlan): void {
  const errors = findings.filter((one) => one.severity === "error");
  const [first] = errors;
  if (!first) return;
  throw new Fault(
    "RESTORE",
    `nothing was written: ${errors.map((one) => `${one.code} ${one.subject}: ${one.message}`).join("; ")}`,
    { hint: first.advice },
  );
}

/** What the plan left out ends as skipped, with the plan's reason. */
function skippedByPlan(plan: RestorePlan): Map<string, Outcome> {
  const names = new Map(plan.namespaces.map(({ from, to }) => [from, to]));
  const outcomes = new Map<string, Outcome>();
  for (const { ref, action, rule, reason } of plan.decisions) {
    if (action !== "skip") continue;
    const there = { ...ref, ...(ref.namespace ? { namespace: names.get(ref.namespace) ?? ref.namespace } : {}) };
    outcomes.set(refKey(there), { ref: there, result: "skipped", reason: `${rule}: ${reason}` });
  }
  return outcomes;
}

async function attempt(step: RestoreStep, context: RestoreContext, work: () => Promise<boolean>): Promise<boolean> {
  try {
    context.signal.throwIfAborted();
    return await work();
  } catch (error) {
    fail(step, toFault(error, "RESTORE"), context);
    return false;
  }
}

async function perform(step: RestoreStep, context: RestoreContext): Promise<boolean> {
  if (step.kind === "ready") return untilReady(step, context);
  if (step.kind === "namespace") await restoreNamespace(step, context);
  if (step.kind === "volume") await restoreVolume(step, context);
  if (step.kind === "bucket") await restoreBucket(step, context);
  if (step.kind === "object") await restoreObject(step, context);
  if (step.kind === "database") await restoreDatabase(step, context);
  return true;
}

/** Every step that fails leaves its mark in the report. */
function fail(step: RestoreStep, fault: Fault, context: RestoreContext): void {
  const reason = fault.hint ? `${fault.message}; ${fault.hint}` : fault.message;
  const { report } = context;
  if (!context.signal.aborted) context.progress.note(`${step.id}: ${reason}`);
  switch (step.kind) {
    case "namespace":
      return settle(context, { group: "", kind: "Namespace", name: step.name }, "failed", reason);
    case "object":
      return settle(context, refOf(step.object), "failed", reason);
    case "volume": {
      const id = `${step.namespace}/${step.claim.metadata.name}`;
      report.volumes.push({ id, bytes: 0, milliseconds: 0, result: "failed", reason });
      return settle(context, refOf(step.claim), "failed", reason);
    }
    case "bucket":
      if (!report.buckets.some((one) => one.id === step.record.id)) {
        report.buckets.push({
          id: step.record.id,
          bucket: step.record.bucket,
          objects: 0,
          bytes: 0,
          result: "failed",
          reason,
        });
      }
      return step.claim ? settle(context, refOf(step.claim), "failed", reason) : undefined;
    case "database":
      return settle(
        context,
        { group: "", kind: "Pod", namespace: step.namespace, name: step.record.pod },
        "failed",
        reason,
      );
    default:
      report.findings.push({ code: "STEP_FAILED", severity: "error", subject: step.id, message: reason, advice: "" });
  }
}
