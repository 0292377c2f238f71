import type { RestoreStep } from "../flow/restore-plan.ts";
import { type Ids, idList } from "./id-list.ts";
import type { Decided } from "./restore-decided.ts";

/** A step while its needs are still being collected. */
export interface Draft {
  readonly step: RestoreStep;
  rank: number;
  /** Must be kept, in this order of importance: ids of owners first, then the rest. */
  readonly hard: Ids;
  readonly soft: Ids;
  /** Only waited for: a failure there does not hold this step back. */
  readonly after: Ids;
}

/** A decided object that is written, and the draft that writes it. */
export interface Written {
  readonly one: Decided;
  readonly draft: Draft;
}

export function draft(
  step: RestoreStep,
  rank: number,
  needs: Iterable<string> = [],
  after: Iterable<string> = [],
): Draft {
  return { step, rank, hard: idList(), soft: idList(needs), after: idList(after) };
}

/**
 * Steps with their needs, sorted so that each comes after what it needs. Needs that name no step fall away, and so do
 * those that would close a circle: a lower rank never waits for a higher one, within a rank hard needs win. The steps are
 * the drafts' own: a copy of each would be read from where its object lies.
 */
export function linkSteps(drafts: readonly Draft[]): RestoreStep[] {
  const byId = new Map(drafts.map((one) => [one.step.id, one]));
  raiseRanks(drafts, byId);
  const sameRank = new Map<string, string[]>();
  const keeps = (from: Draft, id: string): boolean => {
    const to = byId.get(id);
    if (!to || to === from || to.rank > from.rank) return false;
    if (to.rank < from.rank) return true;
    if (reaches(sameRank, id, from.step.id)) return false;
    const known = sameRank.get(from.step.id);
    if (known) known.push(id);
    else sameRank.set(from.step.id, [id]);
    return true;
  };
  const hard = new Map<Draft, string[]>();
  for (const one of drafts) {
    const own = [...one.hard].filter((id) => keeps(one, id));
    if (own.length > 0) hard.set(one, own);
  }
  const lists = oneOfEach();
  const needs = drafts.map((one) => {
    const own = hard.get(one) ?? nobody;
    return lists([...own, ...[...one.soft].filter((id) => !own.includes(id) && keeps(one, id))].sort());
  });
  drafts.forEach((one, at) => {
    const own = new Set(needs[at]);
    const after = [...one.after].filter((id) => !own.has(id) && keeps(one, id)).sort();
    Object.assign(one.step, { needs: needs[at], after: after.length > 0 ? after : nobody });
  });
  return sortSteps([...drafts].sort(byRankAndId), byId);
}

/** Equal lists are the same list: most steps need their namespace and nothing else. */
function oneOfEach(): (ids: readonly string[]) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (ids) => {
    if (ids.length > 1) return ids;
    const [only] = ids;
    if (only === undefined) return nobody;
    const list = known.get(only) ?? ids;
    known.set(only, list);
    return list;
  };
}

const nobody: readonly string[] = Object.freeze([]);

/** Nothing comes before what it must have: a chain of owners rises with its first one, however long it is. */
function raiseRanks(drafts: readonly Draft[], byId: ReadonlyMap<string, Draft>): void {
  for (let raised = true; raised; ) {
    raised = false;
    for (const one of drafts) {
      for (const id of one.hard) {
        const rank = byId.get(id)?.rank ?? 0;
        if (rank > one.rank) {
          one.rank = rank;
          raised = true;
        }
      }
    }
  }
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
function sortSteps(drafts: readonly Draft[], byId: ReadonlyMap<string, Draft>): RestoreStep[] {
  const sorted: RestoreStep[] = [];
  const seen = new Set<string>();
  const open = drafts.map((one) => one.step).reverse();
  for (let step = open.pop(); step; step = open.pop()) {
    if (seen.has(step.id)) continue;
    const missing = [...step.needs, ...(step.after ?? [])].filter((id) => !seen.has(id));
    if (missing.length === 0) {
      seen.add(step.id);
      sorted.push(step);
    } else {
      open.push(step);
      for (const id of missing) open.push(...[byId.get(id)?.step].filter((one) => one !== undefined));
    }
  }
  return sorted;
}
