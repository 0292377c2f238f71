/** What the end of a restic process means. Pure. */
import { Fault, type FaultCode } from "../../base/fault.ts";

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines of stderr, without secrets and without progress. */
  readonly said: readonly string[];
  /** Files or directories that could not be read or written, with the reason. */
  readonly failedItems: readonly { readonly item: string; readonly message: string }[];
  /** Why it was stopped before its own end. */
  readonly stopped?: "TARGET_FULL" | "FORBIDDEN" | "UNAVAILABLE";
}

const hints: Partial<Record<FaultCode, string>> = {
  TARGET_FULL: "make room or give the target more, then run it again: what was stored is kept and used",
  WRONG_KEY: "the repository was made with another password; take the key from this target's recovery kit",
  LOCKED:
    "another run holds the repository; if its process is known to be dead, recover the repository, then run it again",
  FORBIDDEN: "see that the target may be written to: its access key and policy, or the rights of its directory",
  UNAVAILABLE: "check that the target is up, then run it again: what was stored is kept and used",
  DAMAGED: "run a verification with all data to see what is hurt",
};

const killedHint =
  "somebody or the memory limit killed restic; recover the repository, then run it again: what was stored is used";

/** Undefined for a good end. Exit code 3 is the caller's to judge: some files could not be read. */
export function faultOf(ending: Ending, doing: string, repository: string): Fault | undefined {
  if (ending.code === 0) return undefined;
  const code = codeOf(ending);
  const killed = ending.signal === "SIGKILL";
  return new Fault(code, `${doing} (${repository}): ${reason(ending)}`, {
    subject: repository,
    hint: killed ? killedHint : hints[code],
    retry: killed || code === "UNAVAILABLE" || code === "LOCKED" ? "soon" : "never",
  });
}

function codeOf({ code, signal, said, failedItems, stopped }: Ending): FaultCode {
  if (stopped) return stopped;
  // A full target ends in several ways; the words are surer than the number.
  const hopeless = hopelessness(said.join("\n"));
  if (hopeless) return hopeless;
  if (code === 10) return "NOT_FOUND";
  if (code === 11) return "LOCKED";
  if (code === 12) return "WRONG_KEY";
  if (code === 130 || signal === "SIGTERM" || signal === "SIGINT") return "CANCELLED";
  if (code === 3) return "VOLUME";
  const text = [...said, ...failedItems.map(({ message }) => message)].join("\n");
  const word = words.find(([, pattern]) => pattern.test(text))?.[0];
  return word ?? (failedItems.length > 0 ? "VOLUME" : "TARGET");
}

/** In this order: a target that does not answer explains whatever else is said. */
const words: readonly (readonly [FaultCode, RegExp])[] = [
  [
    "UNAVAILABLE",
    /connection refused|connection reset|i\/o timeout|no such host|no route to host|context deadline exceeded|service unavailable|bad gateway|circuit breaker/i,
  ],
  [
    "DAMAGED",
    /ciphertext verification failed|hash mismatch|does not match id|invalid data returned|not found in (?:repository|index)|load.*index.*failed|pack .* (?:contains|truncated)|unexpected EOF/i,
  ],
  [
    "NOT_FOUND",
    /no matching ID found|no snapshot found|failed to (?:find|load) snapshot|cannot dump file|not found in snapshot|path .* does not exist|path \S+: not found|: file does not exist/i,
  ],
];

/** What waiting will not cure, so that a run need not retry for minutes. */
export function hopelessness(text: string): "TARGET_FULL" | "FORBIDDEN" | undefined {
  if (
    /no space left on device|disk quota exceeded|QuotaExceeded|InsufficientStorage|StorageFull|NoSpaceLeftOnDevice|507 Insufficient/i.test(
      text,
    )
  ) {
    return "TARGET_FULL";
  }
  if (
    /access ?denied|InvalidAccessKeyId|access key id you provided does not exist|SignatureDoesNotMatch|signature we calculated does not match/i.test(
      text,
    ) ||
    // Of the target, and not of a file that is saved or restored.
    /Save\(<.*(?:read-only file system|permission denied|operation not permitted|HTTP response \(403\))/i.test(text)
  ) {
    return "FORBIDDEN";
  }
  return undefined;
}

function reason({ code, signal, said, failedItems }: Ending): string {
  if (failedItems.length > 0) {
    const first = failedItems.slice(0, 5).map(({ item, message }) => `${item || "?"}: ${message}`);
    const more = failedItems.length - first.length;
    return `${failedItems.length} could not be done: ${first.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
  }
  return said.slice(-3).join("; ") || (signal ? `restic was ended by ${signal}` : `restic ended with code ${code}`);
}
