/**
 * The one error type. `message` says what is wrong and where, `hint` what to do next.
 * `retry` tells a caller whether trying again can help. Messages never hold secrets.
 */
export type FaultCode =
  | "USAGE" // the person typed something that cannot work
  | "NOT_FOUND"
  | "CONFLICT"
  | "FORBIDDEN"
  | "INVALID"
  | "UNAVAILABLE" // the other side does not answer
  | "TIMEOUT"
  | "CANCELLED"
  | "KUBE"
  | "TARGET"
  | "TARGET_FULL"
  | "WRONG_KEY"
  | "DAMAGED"
  | "LOCKED"
  | "QUIESCE"
  | "VOLUME"
  | "BUCKET"
  | "RESTORE"
  | "DEGRADED" // it could be restored there with less, or nobody can tell
  | "BLOCKED" // it would not come up there
  | "DIFFERENT" // a comparison found a difference
  | "INTERNAL";

export interface FaultOptions {
  subject?: string;
  hint?: string;
  retry?: "never" | "soon";
  cause?: unknown;
}

export class Fault extends Error {
  readonly code: FaultCode;
  readonly subject: string | undefined;
  readonly hint: string | undefined;
  readonly retry: "never" | "soon";
  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.subject = options.subject;
    this.hint = options.hint;
    this.retry = options.retry ?? "never";
  }
}

/** The only door from a foreign error to ours. */
export function toFault(error: unknown, code: FaultCode = "INTERNAL"): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof Error) {
    const aborted = error.name === "AbortError";
    return new Fault(aborted ? "CANCELLED" : code, error.message, { cause: error });
  }
  return new Fault(code, String(error));
}

/** Exit codes of the CLI; part of its contract, documented in docs/reference/exit-codes.md. */
export const exitCodes: Record<FaultCode, number> = {
  INTERNAL: 1,
  DIFFERENT: 1,
  USAGE: 2,
  INVALID: 2,
  NOT_FOUND: 3,
  CONFLICT: 4,
  FORBIDDEN: 5,
  UNAVAILABLE: 6,
  TIMEOUT: 6,
  KUBE: 6,
  TARGET: 7,
  TARGET_FULL: 7,
  LOCKED: 8,
  DAMAGED: 9,
  DEGRADED: 10,
  BLOCKED: 11,
  WRONG_KEY: 12,
  QUIESCE: 20,
  VOLUME: 21,
  BUCKET: 22,
  RESTORE: 23,
  CANCELLED: 130,
};
