/**
 * Asks the API server to try each write of a restore plan: server-side dry run, nothing is written. It answers with all that
 * judges a write there (schemas, CEL rules, webhooks, quotas, rights). What cannot be asked yet is counted with the reason.
 */
import pLimit from "p-limit";
import { toFault } from "../base/fault.ts";
import type { Finding } from "../base/finding.ts";
import { type KubeObject, refKey, refOf } from "../flow/object.ts";
import type { RestorePlan, RestoreStep } from "../flow/restore-plan.ts";
import type { KubeClient } from "../kube/contract.ts";
import { namespaces } from "../kube/well-known.ts";
import type { Answer, Attempt, Phases, Tried } from "./try-attempt.ts";
import { tryFindings } from "./try-findings.ts";
import { podsOf } from "./try-pods.ts";
import { tryWrite } from "./try-write.ts";

export interface TryReport {
  readonly accepted: number;
  readonly formAccepted: number;
  readonly refused: number;
  readonly differ: number;
  readonly notTried: number;
  readonly findings: readonly Finding[];
}

export interface TryOptions {
  readonly signal: AbortSignal;
  /** For all of it; what is not asked by then is not tried. */
  readonly seconds?: number;
}

const timeIsOver = { answer: { result: "not tried", reason: "time was over" } } as const;
const inFlight = 32;
const defaultSeconds = 300;

export async function tryWrites(
  client: KubeClient,
  plan: RestorePlan,
  { signal, seconds = defaultSeconds }: TryOptions,
): Promise<TryReport> {
  const phases = await phasesOf(client, plan);
  const steps = new Set(plan.steps.map((step) => step.id));
  const limit = pLimit(inFlight);
  const deadline = Date.now() + seconds * 1000;
  const tryStep = async (step: RestoreStep): Promise<Tried[]> => {
    const tried: Tried[] = [];
    for (const attempt of attemptsOf(step, phases)) {
      signal.throwIfAborted();
      const { kind, metadata } = attempt.object;
      const late = Date.now() > deadline;
      const asked = late ? timeIsOver : await tryWrite(client, attempt, phases, steps);
      tried.push({ subject: attempt.subject, kind, names: [metadata.name, metadata.namespace ?? ""], ...asked });
    }
    return tried;
  };
  // The objects are read as they are tried, and not held.
  const tried = (await Promise.all(plan.steps.map((step) => limit(() => tryStep(step))))).flat();
  const count = (result: Answer["result"]) => tried.filter((one) => one.answer.result === result).length;
  return {
    accepted: count("accepted"),
    formAccepted: count("form accepted"),
    refused: count("refused"),
    differ: count("differs"),
    notTried: count("not tried"),
    findings: tryFindings(tried),
  };
}

async function phasesOf(client: KubeClient, plan: RestorePlan): Promise<Phases> {
  const names = new Set(plan.namespaces.map((one) => one.to));
  const found = await Promise.all(
    [...names].map(async (name): Promise<[string, string]> => {
      try {
        return [name, (await client.find(namespaces, name))?.status?.phase ?? "absent"];
      } catch (error) {
        // Who may not read the Namespace may well write into it; the writes themselves tell.
        if (toFault(error).code === "FORBIDDEN") return [name, "Active"];
        throw error;
      }
    }),
  );
  return new Map(found);
}

function attemptsOf(step: RestoreStep, phases: Phases): Attempt[] {
  switch (step.kind) {
    case "namespace": {
      if (phases.get(step.name) !== "absent") return [];
      const { name, labels, annotations } = step;
      const object = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels, annotations } };
      return [{ step, object, subject: refKey(refOf(object)), existing: "none" }];
    }
    case "volume":
    case "bucket":
      return step.claim ? [attempt(step, step.claim, "skip")] : [];
    case "object":
      return attemptsOfObject(step, phases);
    default:
      return [];
  }
}

function attemptsOfObject(step: Extract<RestoreStep, { kind: "object" }>, phases: Phases): Attempt[] {
  const { object, existing, hold } = step; // read once
  return [{ ...attempt(step, object, existing), hold }, ...podsOf(step, object, phases)];
}

function attempt(step: RestoreStep, object: KubeObject, existing: Attempt["existing"]): Attempt {
  return { step, object, subject: refKey(refOf(object)), existing };
}
