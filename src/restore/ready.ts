import { setTimeout as sleep } from "node:timers/promises";
import { someOf } from "../base/some-of.ts";
import { type KubeObject, type ObjectRef, refKey, refOf } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { isReadyNow, liveOf } from "./alive.ts";
import { type RestoreContext, settle } from "./context.ts";
import { lookAt, type Scene, troubleOf } from "./trouble.ts";

type ReadyStep = Extract<RestoreStep, { kind: "ready" }>;

const everyMs = 1500;
const tellEveryMs = 15_000;

/**
 * Waits until what was ready in the point is ready again, but for what could not be restored. What is not ready in time
 * becomes a finding that says what is wrong with it, as somebody would find out who looks at its pods and Events.
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
      progress.note(`waiting for ${someOf(waiting.map(refKey))}`);
    }
    await sleep(everyMs, undefined, { signal });
  }
  await tellAll(waiting, seconds, context);
  return false;
}

async function stillWaiting(refs: readonly ObjectRef[], { client }: RestoreContext): Promise<ObjectRef[]> {
  try {
    const live = await liveOf(client, refs);
    const states = await Promise.all(
      refs.map(async (ref) => {
        const object = live.get(refKey(ref));
        return object && (await isReadyNow(client, object)) ? [] : [ref];
      }),
    );
    return states.flat();
  } catch {
    return [...refs]; // the API server is away for a moment: asked again until the deadline
  }
}

async function tellAll(refs: readonly ObjectRef[], seconds: number, context: RestoreContext): Promise<void> {
  const { client } = context;
  const live = await liveOf(client, refs).catch(() => new Map<string, KubeObject>());
  for (const [namespace = "", group] of Map.groupBy(refs, (ref) => ref.namespace)) {
    const scene = await lookAt(client, namespace).catch(() => undefined);
    for (const ref of group) await tell(ref, live.get(refKey(ref)), scene, seconds, context);
  }
}

async function tell(
  ref: ObjectRef,
  live: KubeObject | undefined,
  scene: Scene | undefined,
  seconds: number,
  context: RestoreContext,
): Promise<void> {
  const { client, report, progress } = context;
  const describe = `kubectl describe ${ref.kind.toLowerCase()} -n ${ref.namespace} ${ref.name}`;
  const trouble = scene && (await troubleOf(client, scene, live ? refOf(live) : ref, live).catch(() => undefined));
  const message = `was ready in the point, and is not after ${seconds} s${trouble ? `: ${trouble.message}` : ""}`;
  settle(context, ref, "failed", `written, but ${message}`);
  const finding = {
    code: "NOT_READY",
    severity: "error" as const,
    subject: refKey(ref),
    message,
    advice: trouble?.advice ?? `${describe}; raise resourcesReadyWaitSeconds if it only needs more time`,
  };
  report.findings.push(finding);
  progress.finding(finding);
}
