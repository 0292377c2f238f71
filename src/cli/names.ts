import { dnsLabel } from "../base/ids.ts";

/** A name for a new backup or restore: what it is of, and when. */
export function freshName(of: string, now = new Date()): string {
  return `${dnsLabel(of, 48)}-${now
    .toISOString()
    .slice(0, 19)
    .replace(/[^0-9]/g, "")}`;
}
