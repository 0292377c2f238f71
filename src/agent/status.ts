import { formatDuration } from "../base/sizes.ts";
import type { Finding } from "../base/finding.ts";
import type { Fault } from "../base/fault.ts";
import type { Progress, Stage } from "../base/progress.ts";
import type { ApiResource, KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { createRecorder } from "../kube/events.ts";

const maxFindings = 50;
const patchEveryMs = 1000;

interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

/**
 * Progress of a run as the status of its resource: one condition per stage, percentage, findings. Patches are put together
 * and sent at most once a second; `finish` sends the last one. A patch that fails is tried with the next.
 */
export function statusProgress(
  client: KubeClient,
  resource: ApiResource,
  subject: KubeObject,
): Progress & {
  finish(last: Record<string, unknown>): Promise<void>;
  fail(fault: Fault, last?: Record<string, unknown>): Promise<void>;
} {
  const startedAt = new Date(subject.status?.startTimestamp ?? Date.now());
  const items = new Map<string, { done: number; total: number }>();
  const findings: Finding[] = [];
  const conditions = new Map<string, Condition>(
    ((subject.status?.conditions ?? []) as Condition[]).map((condition) => [condition.type, condition]),
  );
  const events = createRecorder(client, { component: "holdfast-runner" });
  let current: Stage | undefined;
  let message = "";
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<unknown> = Promise.resolve();

  const condition = (type: string, status: Condition["status"], reason: string, text: string) => {
    conditions.set(type, {
      type,
      status,
      reason,
      message: text.slice(0, 1024),
      lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
      observedGeneration: subject.metadata.generation ?? 0,
    });
  };
  const body = (extra: Record<string, unknown> = {}) => ({
    status: {
      status: "InProgress",
      startTimestamp: startedAt.toISOString(),
      observedGeneration: subject.metadata.generation ?? 0,
      duration: formatDuration(Date.now() - startedAt.getTime()),
      percentageCompletion: percentage(items),
      message: message.slice(0, 1024),
      conditions: [...conditions.values()],
      findings: findings.slice(0, maxFindings),
      ...extra,
    },
  });
  const send = (extra?: Record<string, unknown>) => {
    clearTimeout(timer);
    timer = undefined;
    const patch = body(extra);
    sending = sending
      .catch(() => undefined)
      .then(() =>
        client.patch(resource, subject.metadata.name, subject.metadata.namespace, patch, { subresource: "status" }),
      );
    return sending;
  };
  const soon = () => {
    timer ??= setTimeout(() => void send().catch(() => undefined), patchEveryMs);
  };
  const close = () => {
    if (current) condition(current, "True", "Completed", conditions.get(current)?.message ?? "");
    current = undefined;
  };

  return {
    stage(stage, detail) {
      close();
      current = stage;
      message = `${stage}: ${detail}`;
      condition(stage, "Unknown", "InProgress", detail);
      log("info", message);
      void events.record(subject, { type: "Normal", reason: stage, message: detail });
      soon();
    },
    item(id, done, total) {
      items.set(id, { done, total });
      soon();
    },
    finding(finding) {
      if (findings.some((one) => one.code === finding.code && one.subject === finding.subject)) return;
      findings.push(finding);
      log(finding.severity, `${finding.code} ${finding.subject}: ${finding.message}`);
      soon();
    },
    note(text) {
      log("info", text);
    },
    async finish(last) {
      close();
      condition("Ready", "True", "Available", `finished in ${formatDuration(Date.now() - startedAt.getTime())}`);
      message = "";
      const ended = Date.now();
      await send({
        status: "Available",
        percentageCompletion: 100,
        ...last,
        // Of the run, with all its waits and second tries; a point knows only its own.
        startTimestamp: startedAt.toISOString(),
        completionTimestamp: new Date(ended).toISOString(),
        duration: formatDuration(ended - startedAt.getTime()),
      });
    },
    async fail(fault, last) {
      if (current) condition(current, "False", fault.code, fault.message);
      condition("Ready", "False", fault.code, fault.message);
      message = fault.hint ? `${fault.message}; ${fault.hint}` : fault.message;
      log("error", `${fault.code}: ${message}`);
      await send({
        status: fault.code === "CANCELLED" ? "Canceled" : "Failed",
        completionTimestamp: new Date().toISOString(),
        ...last,
      });
    },
  };
}

function percentage(items: Map<string, { done: number; total: number }>): number {
  let done = 0;
  let total = 0;
  for (const item of items.values()) {
    done += Math.min(item.done, item.total);
    total += item.total;
  }
  return total === 0 ? 0 : Math.floor((done / total) * 100);
}

/** One JSON line per event, as the pod's log. */
export function log(level: string, text: string): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message: text })}\n`);
}
