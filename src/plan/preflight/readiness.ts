import type { Finding } from "../../base/finding.ts";
import { type Area, areas, areasOf, type Verdict, verdicts, weightOf } from "./readiness-table.ts";

/** Could the applications of a point come up somewhere? The weakest of its areas says. */
export interface Readiness {
  readonly point: string;
  /** The cluster that it was compared with. */
  readonly cluster: { readonly name: string; readonly version: string; readonly recordedAt?: string };
  readonly namespaces: readonly { readonly from: string; readonly to: string }[];
  readonly verdict: Verdict;
  readonly areas: readonly AreaReadiness[];
}

export interface AreaReadiness {
  readonly area: Area;
  readonly verdict: Verdict;
  /** The heaviest first. */
  readonly findings: readonly WeighedFinding[];
}

export interface WeighedFinding extends Finding {
  /** What it does to the verdict; "ready" is a note. */
  readonly weight: Verdict;
}

export function readinessOf(
  findings: readonly Finding[],
  about: Pick<Readiness, "point" | "cluster" | "namespaces">,
): Readiness {
  const weighed = findings.map((one) => ({ ...one, weight: weightOf(one) }));
  const judged = areas.map((area): AreaReadiness => {
    const own = weighed.filter((one) => areasOf(one).includes(area)).sort((a, b) => rank(b.weight) - rank(a.weight));
    return { area, verdict: weakest(own.map((one) => one.weight)), findings: own };
  });
  return { ...about, verdict: weakest(judged.map((one) => one.verdict)), areas: judged };
}

function rank(verdict: Verdict): number {
  return verdicts.indexOf(verdict);
}

function weakest(list: readonly Verdict[]): Verdict {
  return verdicts[Math.max(0, ...list.map(rank))]!;
}
