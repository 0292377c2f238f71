import type { RestoreStep } from "../flow/restore-plan.ts";

/** A step while its needs are still being collected. */
export interface Draft {
  readonly step: RestoreStep;
  rank: number;
  /** Must be kept, in this order of importance: ids of owners first, then the rest. */
  readonly hard: Set<string>;
  readonly soft: Set<string>;
  /** Only waited for: a failure there does not hold this step back. */
  readonly after: Set<string>;
}

export function draft(
  step: RestoreStep,
  rank: number,
  needs: Iterable<string> = [],
  after: Iterable<string> = [],
): Draft {
  return { step, rank, hard: new Set(), soft: new Set(needs), after: new Set(after) };
}

/**
 * Steps with their needs, sorted so that each comes after what it needs. Needs that name no step fall away, and so do
 * those that would close a circle: a lower rank never waits for a higher one, within a rank hard needs win.
 */
export function linkSteps(drafts: readonly Draft[]): RestoreStep[] {
  const byId = new Map(drafts.map((one) => [one.step.id, one]));
  const empty = () => new Map(drafts.map((one) => [one.step.id, new Set<string>()]));
  const [needs, after] = [empty(), empty()];
  const sameRank = new Map<string, string[]>();
  const add = (from: Draft, id: string, kept: Map<string, Set<string>>) => {
    const to = byId.get(id);
    if (!to || to === from || to.rank > from.rank) return;
    if (to.rank === from.rank) {
      if (reaches(sameRank, id, from.step.id)) return;
      sameRank.set(from.step.id, [...(sameRank.get(from.step.id) ?? []), id]);
    }
    kept.get(from.step.id)?.add(id);
  };
  for (const one of drafts) for (const id of one.hard) add(one, id, needs);
  for (const one of drafts) for (const id of one.soft) add(one, id, needs);
  for (const one of drafts) for (const id of one.after) if (!needs.get(one.step.id)?.has(id)) add(one, id, after);
  const sorted = (ids: Set<string> | undefined) => [...(ids ?? [])].sort();
  const linked = new Map(
    drafts.map(({ step }) => [
      step.id,
      { ...step, needs: sorted(needs.get(step.id)), after: sorted(after.get(step.id)) },
    ]),
  );
  return sortSteps(
    [...drafts].sort(byRankAndId).map(({ step }) => linked.get(step.id) ?? step),
    linked,
  );
}

function byRankAndId(a: Draft, b: Draft): number {
  return a.rank - b.rank || (a.step.id < b.step.id ? -1 : 1);
}

function reaches(edges: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(edges.get(id) ?? []));
  }
  return false;
}

/** Depth first, needs before the step; there are no circles by now. */
function sortSteps(steps: readonly RestoreStep[], byId: ReadonlyMap<string, RestoreStep>): RestoreStep[] {
  const sorted: RestoreStep[] = [];
  const seen = new Set<string>();
  const open = [...steps].reverse();
  for (let step = open.pop(); step; step = open.pop()) {
    if (seen.has(step.id)) continue;
    const missing = [...step.needs, ...(step.after ?? [])].filter((id) => !seen.has(id));
    if (missing.length === 0) {
      seen.add(step.id);
      sorted.push(step);
    } else {
      open.push(step, ...missing.flatMap((id) => byId.get(id) ?? []));
    }
  }
  return sorted;
}
