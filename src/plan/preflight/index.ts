/** The checks before the first write, each in a file of its own. */
import type { Finding } from "../../base/finding.ts";
import type { Check, PreflightInput } from "./check.ts";
import { crds } from "./crds.ts";
import { operators } from "./operators.ts";
import { unread } from "./unread.ts";
import { versions } from "./versions.ts";
import { webhooks } from "./webhooks.ts";

const checks: readonly Check[] = [versions, crds, webhooks, operators, unread];

/** What a person should know of the target before the first write; nothing where nobody looked at it. */
export function preflightFindings(input: Omit<PreflightInput, "facts">): readonly Finding[] {
  const facts = input.target.preflight;
  return facts ? checks.flatMap((check) => check({ ...input, facts })) : [];
}
