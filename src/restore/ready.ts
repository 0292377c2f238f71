import { setTimeout as sleep } from "node:timers/promises";
import { type KubeObject, type ObjectRef, refKey } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { isBelievedReady } from "./believed.ts";
import { type RestoreContext, settle } from "./context.ts";
import { troubleOf } from "./trouble.ts";

type ReadyStep = Extract<RestoreStep, { kind: "ready" }>;

const everyMs = 1500;
const tellEveryMs = 15_000;

/**
 * Waits until what was ready in the point is ready again, but for what could not be restored. What is not ready in time
 * becomes a finding that says what is wrong with it.
 */
export async function untilReady({ refs, seconds }: ReadyStep, context: RestoreContext): Promise<boolean> {
  const { signal, progress, report } = context;
  const deadline = Date.now() + seconds * 1000;
  let waiting = refs.filter((ref) => report.outcomes.get(refKey(ref))?.result !== "failed");
  let told = Date.now();
  for (;;) {
    waiting = await stillWaiting(waiting, context);
    if (waiting.length === 0) return true;
    if (Date.now() >= deadline) break;
    if (Date.now() - told > tellEveryMs) {
      told = Date.now();
      progress.note(`waiting for ${waiting.map(refKey).join(", ")}`);
    }
    await sleep(everyMs, undefined, { signal });
  }
  for (const ref of waiting) await tell(ref, seconds, context);
  return false;
}

async function stillWaiting(refs: readonly ObjectRef[], context: RestoreContext): Promise<ObjectRef[]> {
  const states = await Promise.all(refs.map(async (ref) => ((await isReady(ref, context)) ? [] : [ref])));
  return states.flat();
}

async function isReady(ref: ObjectRef, { client }: RestoreContext): Promise<boolean> {
  try {
    const resource = await client.resource(ref.group, ref.kind);
    const live = resource && (await client.find(resource, ref.name, ref.namespace));
    return live !== undefined && (await isBelievedReady(client, live));
  } catch {
    return false; // the API server is away for a moment: asked again until the deadline
  }
}

async function tell(ref: ObjectRef, seconds: number, context: RestoreContext): Promise<void> {
  const { client, report, progress } = context;
  const namespace = ref.namespace ?? "";
  const trouble = await troubleOf(client, namespace, (pod) => concerns(pod, ref), [ref.name]).catch(() => undefined);
  const message = `was ready in the point, and is not after ${seconds} s${trouble ? `: ${trouble}` : ""}`;
  settle(context, ref, "failed", `written, but ${message}`);
  const finding = {
    code: "NOT_READY",
    severity: "error" as const,
    subject: refKey(ref),
    message,
    advice: `kubectl describe ${ref.kind.toLowerCase()} -n ${namespace} ${ref.name}; raise resourcesReadyWaitSeconds if it only needs more time`,
  };
  report.findings.push(finding);
  progress.finding(finding);
}

/** Pods carry the name of what they belong to as the beginning of theirs, or as a label. */
function concerns(pod: KubeObject, ref: ObjectRef): boolean {
  const { name, labels = {} } = pod.metadata;
  return name === ref.name || name.startsWith(`${ref.name}-`) || Object.values(labels).includes(ref.name);
}
