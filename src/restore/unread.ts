import { toFault } from "../base/fault.ts";
import { isUnconverted } from "../kube/api-error.ts";
import type { UnreadFact } from "../plan/preflight/facts.ts";

/** Keeps note of what the caller may not read, and goes on with what is given instead. Any other failure stays one. */
export interface UnreadNotes {
  readonly unless: <T>(what: string, work: Promise<T>, otherwise: T) => Promise<T>;
  /** Nor can anybody, since what serves it is down: perhaps the very thing that is to be restored. */
  readonly silent: (groupVersion: string) => void;
  readonly notes: () => readonly UnreadFact[];
}

export function unreadNotes(): UnreadNotes {
  const found = new Map<string, string>();
  return {
    async unless(what, work, otherwise) {
      try {
        return await work;
      } catch (error) {
        const fault = toFault(error);
        if (fault.code !== "FORBIDDEN" && !isUnconverted(fault)) throw fault;
        found.set(what, fault.message);
        return otherwise;
      }
    },
    silent(groupVersion) {
      found.set(`API group ${groupVersion}`, "it does not answer (kubectl get apiservices)");
    },
    notes: () => [...found].map(([what, because]) => ({ what, because })),
  };
}
