/**
 * One consistent cut over all databases and volumes (DESIGN.md D5): hold all databases, do the work, let go. However it ends
 * (error, deadline, abort, a lost session) nothing stays held.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Finding } from "../base/finding.ts";
import { Fault, toFault } from "../base/fault.ts";
import { engines } from "../flow/database-engine.ts";
import type { Database } from "../flow/inventory.ts";
import type { DatabaseRecord, RecoveryPoint } from "../flow/recovery-point.ts";
import type { KubeClient } from "../kube/contract.ts";
import type { FencePolicy } from "./context.ts";
import { type DatabaseSession, openSession } from "./database-session.ts";
import { recordByJournal } from "./journal.ts";

export interface Fenced<T> {
  readonly value: T;
  readonly databases: readonly DatabaseRecord[];
  readonly fence: RecoveryPoint["fence"];
  readonly findings: readonly Finding[];
}

export interface FenceInput<T> {
  readonly client: KubeClient;
  readonly databases: readonly Database[];
  readonly policy?: FencePolicy;
  readonly signal: AbortSignal;
  /** All are held: cut. The signal ends it when the window is over or a lock is lost. */
  readonly work: (signal: AbortSignal) => Promise<T>;
}

export async function withFence<T>(input: FenceInput<T>): Promise<Fenced<T>> {
  const { windowSeconds = 60, lockSeconds = 10, withoutLock = "fail" } = input.policy ?? {};
  const findings: Finding[] = [];
  const lenient = withoutLock === "finding";
  const byJournal = input.databases.filter(({ engine }) => engines[engine].hold === "journal");
  const bySession = input.databases.filter((one) => !byJournal.includes(one));
  const noted = await Promise.all(byJournal.map(recordByJournal));
  // Connections are opened before anybody is held: a slow login must not cost the others time.
  const opened = await gather(bySession, (database) => openSession(input.client, database), lenient, findings);
  const over = new AbortController();
  const signal = AbortSignal.any([input.signal, over.signal]);
  const startedAt = new Date();
  let held: DatabaseSession[] = opened;
  try {
    const window = deadline(windowSeconds, over.signal);
    const locked = gather(opened, async (session) => (await session.lock(lockSeconds), session), lenient, findings);
    held = await Promise.race([locked, window]);
    const heldAt = new Date();
    const lost = held.map((session) => session.lost);
    const value = await Promise.race([input.work(signal), window, aborted(input.signal), ...lost]);
    const records = await Promise.all(held.map((session) => session.release()));
    const endedAt = new Date();
    return {
      value,
      databases: [...records, ...noted],
      findings: [...findings, ...held.flatMap((session) => session.findings())],
      fence: {
        startedAt: startedAt.toISOString(),
        heldAt: heldAt.toISOString(),
        endedAt: endedAt.toISOString(),
        milliseconds: endedAt.getTime() - startedAt.getTime(),
      },
    };
  } catch (error) {
    throw toFault(error, "QUIESCE");
  } finally {
    over.abort();
    for (const session of opened) session.drop();
  }
}

/** All at once. Where it is lenient, what fails becomes a finding and the others go on; else all that were made are dropped. */
async function gather<S>(
  items: readonly S[],
  make: (item: S) => Promise<DatabaseSession>,
  lenient: boolean,
  findings: Finding[],
): Promise<DatabaseSession[]> {
  const results = await Promise.allSettled(items.map(make));
  const made = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  for (const result of results) {
    if (result.status === "fulfilled") continue;
    const fault = toFault(result.reason, "QUIESCE");
    if (!lenient) {
      for (const session of made) session.drop();
      throw fault;
    }
    findings.push({
      code: "DATABASE_NOT_HELD",
      severity: "warning",
      subject: fault.subject ?? "",
      message: `${fault.message}: its volume is as after a power cut`,
      advice: fault.hint ?? "",
    });
  }
  return made;
}

async function deadline(seconds: number, signal: AbortSignal): Promise<never> {
  await sleep(seconds * 1000, undefined, { signal }).catch(() => new Promise<never>(() => {}));
  throw new Fault("QUIESCE", `the cut was not done in ${seconds} s: everything was released`, {
    hint: "look at the storage driver: its snapshots take too long to be cut",
    retry: "soon",
  });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new Fault("CANCELLED", "stopped while the databases were held: they were released"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
