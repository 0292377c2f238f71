/** An API server's refusal (a Status object) as a Fault. The Status stays reachable as the Fault's cause. */
import { Fault, type FaultCode } from "../base/fault.ts";

/** The parts of a Status that callers decide by. */
export interface ApiStatus {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
  /** With 410: a token with which the list may go on, from a newer state. */
  readonly continueToken?: string;
  readonly causes: readonly { readonly field: string; readonly message: string }[];
}

class ApiStatusError extends Error {
  readonly status: ApiStatus;
  constructor(status: ApiStatus) {
    super(`${status.code} ${status.reason}`);
    this.status = status;
  }
}

/** The Status behind a Fault that came from an API server. */
export function statusOf(error: unknown): ApiStatus | undefined {
  return error instanceof Fault && error.cause instanceof ApiStatusError ? error.cause.status : undefined;
}

/** The kind is served, and its objects are kept in another version that only its conversion webhook could turn into this one. */
export function isUnconverted(error: unknown): boolean {
  return /conversion webhook for /.test(statusOf(error)?.message ?? "");
}

/** Reads a Status; what is none (a proxy's HTML page, an empty body) gives its first words. */
export function parseStatus(code: number, body: string, retryAfter?: string): ApiStatus {
  const parsed = parseObject(body);
  const details = (parsed?.details ?? {}) as {
    retryAfterSeconds?: number;
    causes?: { field?: string; message?: string }[];
  };
  const seconds = Number(retryAfter ?? details.retryAfterSeconds);
  const token = (parsed?.metadata as { continue?: string } | undefined)?.continue;
  return {
    code: typeof parsed?.code === "number" ? parsed.code : code,
    reason: String(parsed?.reason ?? ""),
    message: firstLine(String(parsed?.message ?? body)) || `the server answered ${code}`,
    ...(Number.isFinite(seconds) && seconds >= 0 ? { retryAfterSeconds: seconds } : {}),
    ...(token ? { continueToken: token } : {}),
    causes: (details.causes ?? []).map((cause) => ({ field: cause.field ?? "", message: cause.message ?? "" })),
  };
}

/** `subject` says what the request was about: "patch configmaps default/settings". */
export function statusFault(status: ApiStatus, subject: string): Fault {
  const code = faultCode(status.code);
  return new Fault(code, `${subject}: ${status.message}`, {
    subject,
    hint: hint(status),
    retry: code === "UNAVAILABLE" || status.code === 410 ? "soon" : "never",
    cause: new ApiStatusError(status),
  });
}

function faultCode(code: number): FaultCode {
  switch (code) {
    case 401:
    case 403:
      return "FORBIDDEN";
    case 404:
      return "NOT_FOUND";
    case 409:
      return "CONFLICT";
    case 400:
    case 413:
    case 422:
      return "INVALID";
    default:
      return code === 429 || code >= 500 ? "UNAVAILABLE" : "KUBE";
  }
}

function hint(status: ApiStatus): string | undefined {
  if (status.code === 401) return "The credentials are missing or have run out: log in again.";
  if (status.code === 403) return "The account lacks this right; `kubectl auth can-i` shows what it may do.";
  return undefined;
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Validation messages may dump whole specs (with what is in them) from the second line on. */
function firstLine(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > 600 ? `${line.slice(0, 600)}...` : line;
}
