import { exitCodes, type FaultCode } from "../../src/base/fault.ts";
import { code, notice, table } from "./markdown.ts";

const meanings: Record<FaultCode, string> = {
  INTERNAL: "Something failed that should not: with HOLDFAST_DEBUG=1 it says where.",
  DIFFERENT: "A comparison found a difference: what came back is not what was saved.",
  USAGE: "What was typed cannot work; the message says what to type instead.",
  INVALID: "A resource or a record says something that cannot be.",
  NOT_FOUND: "What was named does not exist: a point, a plan, a namespace, a target, a key file.",
  CONFLICT: "What should be made exists already, or was changed by somebody else meanwhile.",
  FORBIDDEN: "The cluster or the target refuses the account.",
  UNAVAILABLE: "The other side does not answer.",
  TIMEOUT: "Something was waited for, and did not come in time; the message names it.",
  KUBE: "The API server answered with an error of its own.",
  TARGET: "The target answered with an error of its own.",
  TARGET_FULL: "The target has no room.",
  LOCKED: "A repository is locked by somebody else.",
  DAMAGED: "A recovery point or a repository is damaged; the message names the parts.",
  DEGRADED: "`preflight`: everything would come up there, with less than it had; or something could not be looked at.",
  BLOCKED: "`preflight`: something of the point would not come up there.",
  WRONG_KEY: "The key is not that of the target.",
  QUIESCE: "A database could not be held still.",
  VOLUME: "A volume could not be captured or brought back.",
  BUCKET: "A bucket could not be captured or brought back.",
  RESTORE: "Some parts did not come back, or the restore was held back before its first write; the report names each.",
  CANCELLED: "It was stopped, by Ctrl-C or by deleting its resource.",
};

/** docs/reference/exit-codes.md */
export function exitCodesPage(): string {
  const rows = Object.entries(exitCodes)
    .sort(([, a], [, b]) => a - b)
    .map(([name, number]) => [String(number), code(name), meanings[name as FaultCode]]);
  return `# Exit codes

${notice("`src/base/fault.ts`")}

A verb ends with 0 when all of it succeeded. The same words are the reasons in the conditions of resources. Errors are one line on
standard error, and below it what to try next.

${table(["Code", "Reason", "Meaning"], [["0", "", "Done, all of it."], ...rows])}
`;
}
