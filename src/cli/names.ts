import { Fault } from "../base/fault.ts";
import { isGlob } from "../base/glob.ts";
import { dnsLabel } from "../base/ids.ts";

/** A name for a new backup or restore: what it is of, and when. */
export function freshName(of: string, now = new Date()): string {
  return `${dnsLabel(of, 48)}-${now
    .toISOString()
    .slice(0, 19)
    .replace(/[^0-9]/g, "")}`;
}

/** A target takes 253 characters, with the kind in front. */
const longestPlanName = 200;

/**
 * The name under which the points of these namespaces follow each other, where nobody gave one: the same each time. What
 * matches a wildcard changes, so USAGE then.
 */
export function planNameOf(namespaces: readonly string[]): string {
  const pattern = namespaces.find(isGlob);
  if (pattern === undefined) return dnsLabel(namespaces.join("-"), longestPlanName);
  throw new Fault("USAGE", `"${pattern}" may mean other namespaces tomorrow: points need a name of their own`, {
    hint: "--plan-name NAME",
  });
}
