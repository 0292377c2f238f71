import type { GroupKind, RestoreRule } from "./profile.ts";

/** The status of these kinds stays in the point: their controller has to begin with none. Everything else of custom resources comes back. */
export function startsClean(id: string, kinds: readonly GroupKind[], why: string): RestoreRule {
  return { id: `${id}-starts-clean`, kinds, why, fields: ["status"] };
}
