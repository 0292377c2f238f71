import type { Kept } from "../../flow/kept.ts";
import type { Decision } from "../../flow/restore-plan.ts";
import { historyOwner, mayBeHistory } from "../../profiles/generic/history.ts";
import type { ObjectSet } from "../../profiles/object-set.ts";

interface Judged {
  readonly kept: Kept;
  decision: Decision;
}

/** Old revisions and finished Jobs of a workload come with the workload: alone, nobody would adopt them or clean them up. */
export function leaveLoneHistory(judged: readonly Judged[], all: ObjectSet): void {
  const written = new Set(
    judged.flatMap(({ kept, decision }) => (decision.action === "create" ? (kept.uid ?? []) : [])),
  );
  for (const one of judged) {
    if (one.decision.action !== "create" || !mayBeHistory(one.decision.ref)) continue;
    const owner = historyOwner(one.kept.object, all);
    if (!owner || written.has(owner.metadata.uid ?? "")) continue;
    const reason = `a part of the history of ${owner.kind} ${owner.metadata.name}, which this restore does not write`;
    one.decision = { ref: one.decision.ref, action: "skip", rule: "lone-history", reason };
  }
}
