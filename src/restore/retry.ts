import { setTimeout as sleep } from "node:timers/promises";
import { type Fault, toFault } from "../base/fault.ts";

/** How long a write is tried again, by what stands in its way. Seconds. */
const patience: readonly { readonly what: RegExp; readonly seconds: number }[] = [
  { what: /being terminated|is terminating/i, seconds: 300 },
  { what: /failed calling webhook|no endpoints available/i, seconds: 180 },
  { what: /exceeded quota|insufficient quota/i, seconds: 120 },
  { what: /admission webhook .* denied/i, seconds: 60 },
];
const unavailableSeconds = 300;
const racingSeconds = 30;

/** Tries a write until it succeeds, its error is final, or patience with what stands in its way is over. */
export async function persist<T>(write: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const startedAt = Date.now();
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      const fault = toFault(error, "KUBE");
      const seconds = patienceWith(fault);
      if (Date.now() - startedAt >= seconds * 1000) throw fault;
      await sleep(Math.min(5000, 200 * 2 ** attempt), undefined, { signal });
    }
  }
}

/** 0 where trying again cannot help. */
export function patienceWith(fault: Fault): number {
  if (fault.code === "CANCELLED") return 0;
  const known = patience.find((one) => one.what.test(fault.message));
  if (known) return known.seconds;
  if (fault.code === "UNAVAILABLE" || fault.code === "TIMEOUT") return unavailableSeconds;
  // A kind or namespace that is just being made, or somebody else's write between our read and ours.
  if (fault.code === "NOT_FOUND" || fault.retry === "soon") return racingSeconds;
  return 0;
}
