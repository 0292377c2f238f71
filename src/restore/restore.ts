import { someOf } from "../base/some-of.ts";
import { Fault, toFault } from "../base/fault.ts";
import { refKey, refOf } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { Outcome, RestorePlan, RestoreReport, RestoreStep } from "../flow/restore-plan.ts";
import { restoreBucket } from "./bucket.ts";
import { type RestoreContext, type RestoreDeps, settle } from "./context.ts";
import { restoreDatabase } from "./database.ts";
import { runGraph } from "./graph.ts";
import { noJournal, pastOfReport } from "./journal.ts";
import { restoreNamespace } from "./namespace.ts";
import { restoreObject } from "./objects.ts";
import { openPace } from "./pace.ts";
import { untilReady } from "./ready.ts";
import { resume } from "./resume.ts";
import { persist } from "./retry.ts";
import { stages } from "./stages.ts";
import { startAgain, stopUsers } from "./stop.ts";
import { restoreVolume } from "./volume.ts";

/** How many of these send at a time is decided by the API server's answers: kube/gate.ts. */
const objectsInFlight = 64;

/**
 * Does what a plan says: each step as soon as what it needs is done. A step that fails holds back only what needs it. Can
 * be run again after a kill, and a second time after the end: what is done is found done, and nothing is written twice.
 * Stopped by the signal, it ends what it is writing, takes back what is half done, and says what was not done.
 */
export async function restore(deps: RestoreDeps, plan: RestorePlan, point: RecoveryPoint): Promise<RestoreReport> {
  refuseIfHeldBack(plan);
  const startedAt = new Date().toISOString();
  const context: RestoreContext = {
    ...deps,
    point,
    journal: deps.journal ?? noJournal,
    rewrites: [],
    uids: new Map(),
    unanswered: new Set(),
    report: { outcomes: skippedByPlan(plan), volumes: [], buckets: [], rewrites: [], findings: [] },
  };
  const { journal, report, signal } = context;
  const pace = openPace(objectsInFlight, deps.deadlines);
  const stage = stages(plan.steps, deps.progress);
  let undone = 0;
  try {
    await persist(() => journal.begin(() => pastOfReport(report)), signal);
    await runGraph(plan.steps, {
      async perform(step, begun) {
        const enter = step.kind === "object" ? pace.crowded : pace.alone;
        const done = await enter(async () => {
          begun();
          stage.begins(step);
          return attempt(step, context);
        });
        stage.ends(step);
        if (!done && signal.aborted) undone++;
        return done;
      },
      blocked(step, failed) {
        fail(
          step,
          signal.aborted ? stopped() : new Fault("RESTORE", `not tried, since ${someOf(failed)} failed`),
          context,
        );
        stage.ends(step);
        if (signal.aborted) undone++;
      },
    });
  } finally {
    await journal.close();
    await deps.movers.cleanUp(deps.run).catch((error) => deps.progress.note(`cleaning up: ${toFault(error).message}`));
  }
  return {
    startedAt,
    completedAt: new Date().toISOString(),
    ...report,
    rewrites: [...new Set([...journal.past.rewrites, ...report.rewrites])],
    outcomes: [...report.outcomes.values()],
    ...(undone > 0 ? { stopped: `stopped: ${undone} of ${plan.steps.length} steps were not done` } : {}),
  };
}

function stopped(): Fault {
  return new Fault("CANCELLED", "not done: the restore was stopped before");
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

async function attempt(step: RestoreStep, context: RestoreContext): Promise<boolean> {
  const { signal } = context;
  try {
    if (signal.aborted) throw stopped();
    return await perform(step, context);
  } catch (error) {
    const fault = toFault(error, "RESTORE");
    const cut = signal.aborted && fault.code === "CANCELLED";
    fail(step, cut ? new Fault("CANCELLED", "not done: the restore was stopped") : fault, context);
    return false;
  }
}

async function perform(step: RestoreStep, context: RestoreContext): Promise<boolean> {
  if (step.kind === "ready") return untilReady(step, context);
  if (step.kind === "resume") await resume(step, context);
  if (step.kind === "namespace") await restoreNamespace(step, context);
  if (step.kind === "stop") await stopUsers(step, context);
  if (step.kind === "volume") await restoreVolume(step, context);
  if (step.kind === "start") await startAgain(step, context);
  if (step.kind === "bucket") await restoreBucket(step, context);
  // Each part of it waits for what it knows; what is left (discovery, owners, an API server that restarts) is tried again here.
  if (step.kind === "object") await persist(() => restoreObject(step, context), context.signal);
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
