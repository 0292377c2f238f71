import { Fault, toFault } from "../../base/fault.ts";

const full = new Set([
  "QuotaExceeded",
  "InsufficientStorage",
  "XMinioStorageFull",
  "NoSpaceLeftOnDevice",
  "EntityTooLargeForQuota",
]);
const forbidden = new Set([
  "AccessDenied",
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "InvalidToken",
  "ExpiredToken",
  "Forbidden",
]);
const busy = new Set([
  "SlowDown",
  "RequestTimeout",
  "ConditionalRequestConflict",
  "OperationAborted",
  "TooManyRequests",
]);
/** Codes of sockets and of name look-ups; a name that is not known yet may come with the service. */
const network = /^E(?!RR_)[A-Z_]+$/;
const certificate = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** What an error of the S3 client means to a person. The message names the bucket and the operation, never a key. */
export function s3Fault(error: unknown, where: string, what: string): Fault {
  if (error instanceof Fault) return error;
  const { name = "", message = "", code = "", status } = facts(error);
  const options = { subject: where, cause: error };
  if (name === "AbortError") return new Fault("CANCELLED", `${what} on ${where} was cancelled`, options);
  if (status === 507 || full.has(name)) {
    const hint = "make room or give the target more, then run it again";
    return new Fault("TARGET_FULL", `the target ${where} is full (${name || status}, ${what})`, { ...options, hint });
  }
  if (name === "NoSuchBucket") {
    return new Fault("NOT_FOUND", `the bucket of ${where} does not exist`, {
      ...options,
      hint: "make the bucket, or correct its name",
    });
  }
  if (forbidden.has(name) || status === 401 || status === 403) {
    const hint = "check the target's access key and secret key, and the bucket's policy";
    return new Fault("FORBIDDEN", `the target ${where} refuses (${name || status}, ${what})`, { ...options, hint });
  }
  if (certificate.test(code)) {
    const hint = "give the target its CA certificate (caCert)";
    return new Fault("FORBIDDEN", `the certificate of ${where} is not trusted (${code})`, { ...options, hint });
  }
  const silent = status === undefined && (network.test(code) || name === "TimeoutError");
  if (silent || (status ?? 0) >= 500 || status === 408 || status === 429 || busy.has(name)) {
    const why = code || name || status || message;
    return new Fault("UNAVAILABLE", `the target ${where} does not answer (${why})`, { ...options, retry: "soon" });
  }
  return new Fault("TARGET", `${what} on ${where}: ${name} ${message}`.trim(), { ...options, cause: toFault(error) });
}

function facts(error: unknown): { name?: string; message?: string; code?: string; status?: number } {
  if (!(error instanceof Error)) return { message: String(error) };
  const { $metadata, code, errors } = error as Error & {
    $metadata?: { httpStatusCode?: number };
    code?: string;
    errors?: readonly { code?: string }[]; // of a connection that was tried on several addresses
  };
  return {
    name: error.name,
    message: error.message,
    code: code ?? errors?.[0]?.code,
    status: $metadata?.httpStatusCode,
  };
}
