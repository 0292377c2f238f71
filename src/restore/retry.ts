import { setTimeout as sleep } from "node:timers/promises";
import { Fault, toFault } from "../base/fault.ts";
import type { Deadlines } from "./deadlines.ts";
import { aside, secondsFor } from "./pace.ts";
import { refusalAdvice } from "./trouble/refusal.ts";

/** What stands in the way of a write, by what the server says. The first that fits. */
const obstacles: readonly { readonly what: RegExp; readonly wait: keyof Deadlines }[] = [
  { what: /being terminated|is terminating/i, wait: "terminating" },
  { what: /failed calling webhook|no endpoints available/i, wait: "webhookDown" },
  { what: /exceeded quota|insufficient quota|status unknown for quota/i, wait: "quota" },
  { what: /admission webhook .* denied/i, wait: "denied" },
];

/** Tries a write until it succeeds, its error is final, or the deadline of what stands in its way has passed. */
export async function persist<T>(write: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const startedAt = Date.now();
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      const fault = toFault(error, "KUBE");
      const seconds = patienceWith(fault);
      if (signal.aborted || seconds === 0) throw fault;
      if (Date.now() - startedAt >= seconds * 1000) throw afterWaiting(fault, seconds);
      await aside(() => sleep(Math.min(5000, seconds * 250, 200 * 2 ** attempt), undefined, { signal }));
    }
  }
}

const waited = / \(tried for \d+ s\)$/;

/** The same refusal, with how long it stood. */
function afterWaiting(fault: Fault, seconds: number): Fault {
  if (waited.test(fault.message)) return fault;
  const { subject, retry } = fault;
  const hint = fault.hint ?? (known(fault) ? refusalAdvice(fault.message) : undefined);
  return new Fault(fault.code, `${fault.message} (tried for ${seconds} s)`, {
    retry,
    cause: fault.cause,
    ...(subject ? { subject } : {}),
    ...(hint ? { hint } : {}),
  });
}

/** Seconds; 0 where trying again cannot help. */
export function patienceWith(fault: Fault): number {
  if (fault.code === "CANCELLED") return 0;
  const obstacle = known(fault);
  if (obstacle) return secondsFor(obstacle.wait);
  if (fault.code === "UNAVAILABLE" || fault.code === "TIMEOUT") return secondsFor("unavailable");
  if (fault.code === "NOT_FOUND" || fault.retry === "soon") return secondsFor("racing");
  return 0;
}

function known(fault: Fault) {
  return obstacles.find((one) => one.what.test(fault.message));
}
