/** Waits for one mover: its turn, its start, its progress, its result. */
import { setTimeout as sleep } from "node:timers/promises";
import { Fault, toFault } from "../base/fault.ts";
import { formatDuration } from "../base/sizes.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { jobOutcome } from "../kube/job-outcome.ts";
import { objectsOf } from "../kube/objects.ts";
import { events } from "../kube/well-known.ts";
import type { Board } from "./board.ts";
import type { MoverResult } from "./contract.ts";
import { podTrouble } from "./pod-trouble.ts";
import { logReader, type LogReader } from "./protocol.ts";

export interface FollowOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly look: () => Promise<Board>;
  readonly onBytes?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Begins to serve a pod that runs; a Fault of it ends the mover. */
  readonly serve?: (pod: string) => Promise<void>;
  /** No progress for this long, and the mover is given up. */
  readonly stuckMs: number;
  /** A pod that certainly cannot start is given up after this long. */
  readonly startMs: number;
}

const everyMs = 1000;
const unseenMs = 3000;
/** A claim may be provisioned for a while, an image pulled for a while. */
const patienceFactor = 8;

/** One pod of the Job and what its log said so far. A new try is a new pod. */
interface Attempt {
  readonly pod: string;
  readonly reader: LogReader;
  /** Following the log, or reading it once more after the end. */
  stream: Promise<void> | undefined;
  readToEnd: boolean;
  failures: number;
}

export async function followMover(name: string, options: FollowOptions): Promise<MoverResult> {
  const { look, signal } = options;
  const stop = new AbortController();
  const follow = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const clock = stuckClock(options.stuckMs);
  const attempts = new Map<string, Attempt>();
  const server = serving(options.serve);
  let pendingSince: number | undefined;
  let lastSeen = Date.now();
  let unseenLooks = 0;
  let unseenOn: Board | undefined;
  let shown = "";
  try {
    for (;;) {
      signal?.throwIfAborted();
      const board = await look();
      const job = board.jobs.get(name);
      if (!job) {
        // A look that began before the Job was made does not show it, however long the API server took for it.
        if (board !== unseenOn) unseenLooks++;
        unseenOn = board;
        if (unseenLooks > 2 && Date.now() - lastSeen > unseenMs)
          throw new Fault("CANCELLED", `mover ${name} was removed by somebody while it ran`, { retry: "soon" });
        await sleep(unseenMs / 10, undefined, { signal: follow });
        continue;
      }
      lastSeen = Date.now();
      unseenLooks = 0;
      const podsOfJob = board.pods.get(name) ?? [];
      const pod = podsOfJob.at(-1);
      const attempt = pod && started(pod) ? attach(pod, attempts, options, follow) : undefined;
      if (pod && started(pod) && !terminated(pod)) server.begin(pod.metadata.name);
      const found = settled(attempts);
      if (found) return found;
      if (server.fault) throw server.fault;
      if (attempt && attempt.reader.mark !== shown) {
        shown = attempt.reader.mark;
        options.onBytes?.(attempt.reader.progress.done, attempt.reader.progress.total);
      }
      const ended = jobOutcome(job);
      if (ended && (!attempt || attempt.readToEnd || attempt.failures > 5))
        throw deathOf(name, ended.message, pod, attempts);
      if (job.spec?.suspend === true) clock.reset();
      else if (!ended) clock.check(name, `${pod?.metadata.name}/${pod?.status?.phase}/${attempt?.reader.mark}`);
      pendingSince = pod && !started(pod) && !ended ? (pendingSince ?? Date.now()) : undefined;
      if (pod && pendingSince !== undefined) await checkStart(pod, Date.now() - pendingSince, options);
      await Promise.race([
        sleep(everyMs, undefined, { signal: follow }).catch(() => undefined),
        attempt?.stream ?? new Promise(() => {}),
      ]);
    }
  } catch (error) {
    throw signal?.aborted ? new Fault("CANCELLED", `mover ${name} was stopped`, { cause: error }) : error;
  } finally {
    stop.abort();
  }
}

function started(pod: KubeObject): boolean {
  return (
    terminated(pod) ||
    (pod.status?.containerStatuses ?? []).some((status: KubeObject["status"]) => status.state?.running)
  );
}

function terminated(pod: KubeObject): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** Sees to it that the pod's log is being read; reads it once more, whole, when the pod has ended. */
function attach(pod: KubeObject, attempts: Map<string, Attempt>, options: FollowOptions, signal: AbortSignal): Attempt {
  const name = pod.metadata.name;
  const attempt = attempts.get(name) ?? {
    pod: name,
    reader: logReader(),
    stream: undefined,
    readToEnd: false,
    failures: 0,
  };
  attempts.set(name, attempt);
  if (attempt.stream || attempt.readToEnd) return attempt;
  const last = terminated(pod);
  attempt.stream = readLog(attempt, options, !last, signal)
    .then(() => {
      attempt.readToEnd = last;
    })
    .catch(() => {
      attempt.failures++; // the next round reads it again
    })
    .finally(() => {
      attempt.stream = undefined;
    });
  return attempt;
}

async function readLog(attempt: Attempt, options: FollowOptions, follow: boolean, signal: AbortSignal): Promise<void> {
  for await (const line of options.client.podLog(options.namespace, attempt.pod, {
    container: "mover",
    follow,
    signal,
  })) {
    attempt.reader.push(line);
    if (attempt.reader.result || attempt.reader.fault) return;
  }
}

/** A result, or a fault that trying again does not cure. */
function settled(attempts: ReadonlyMap<string, Attempt>): MoverResult | undefined {
  for (const { reader } of attempts.values()) {
    if (reader.result) return reader.result;
    if (reader.fault && reader.fault.retry === "never") throw reader.fault;
  }
  return undefined;
}

/** What the Job died of, as exactly as is known: the mover's own words before the kubelet's before the Job's. */
function deathOf(
  name: string,
  message: string,
  pod: KubeObject | undefined,
  attempts: ReadonlyMap<string, Attempt>,
): Fault {
  const tries = [...attempts.values()];
  const fault = tries.map((attempt) => attempt.reader.fault).findLast((one) => one !== undefined);
  if (fault) return fault;
  const state = pod?.status?.containerStatuses?.[0]?.state?.terminated;
  const tail = tries
    .flatMap((attempt) => attempt.reader.tail)
    .slice(-3)
    .join(" | ");
  if (state?.reason === "OOMKilled") {
    return new Fault("INTERNAL", `mover ${name} ran out of memory`, { hint: "raise the movers' memory limit" });
  }
  const why = pod?.status?.message || (state ? `${state.reason}, exit code ${state.exitCode}` : message);
  return new Fault("INTERNAL", `mover ${name} ended without a result: ${why}${tail ? `: ${tail}` : ""}`, {
    hint: `it was tried ${Math.max(1, tries.length)} times`,
  });
}

async function checkStart(pod: KubeObject, waitedMs: number, options: FollowOptions): Promise<void> {
  if (waitedMs < 10_000) return;
  const name = pod.metadata.name;
  const about = await objectsOf(options.client, events, {
    namespace: options.namespace,
    fields: `involvedObject.name=${name}`,
  }).catch(() => []);
  const trouble = podTrouble(pod, about);
  if (waitedMs < options.startMs * (trouble?.certain ? 1 : patienceFactor)) return;
  const why = trouble ? trouble.message : `it is ${pod.status?.phase ?? "not seen"} and nobody says why`;
  throw new Fault(
    "UNAVAILABLE",
    `mover pod ${options.namespace}/${name} did not start in ${formatDuration(waitedMs)}: ${why}`,
    {
      hint: trouble?.hint ?? `kubectl describe pod -n ${options.namespace} ${name}`,
      retry: "soon",
    },
  );
}

function stuckClock(limitMs: number): { reset(): void; check(name: string, mark: string): void } {
  let mark = "";
  let since = Date.now();
  return {
    reset() {
      since = Date.now();
    },
    check(name, now) {
      if (now !== mark) {
        mark = now;
        since = Date.now();
      } else if (Date.now() - since > limitMs) {
        throw new Fault("TIMEOUT", `mover ${name} made no progress for ${formatDuration(limitMs)}`, {
          hint: "look at the load of its node, the storage driver and the target",
          retry: "soon",
        });
      }
    },
  };
}

/** Each pod is served once. */
function serving(serve: FollowOptions["serve"]): { begin(pod: string): void; readonly fault: Fault | undefined } {
  const begun = new Set<string>();
  let fault: Fault | undefined;
  return {
    begin(pod) {
      if (!serve || begun.has(pod)) return;
      begun.add(pod);
      serve(pod).catch((error: unknown) => {
        fault = toFault(error);
      });
    },
    get fault() {
      return fault;
    },
  };
}
