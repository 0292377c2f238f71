import type { Chain, ChainEnd, Closure } from "../../flow/closure.ts";
import type { PointReference, ReferenceEnd } from "../../flow/recovery-point.ts";
import { nameOf } from "./text.ts";

/**
 * What must be there, root by root: parts of buckets and volumes. An end that belongs to another root is told by that one, so
 * each is told once. All of a bucket or a claim is no part: it may well be empty.
 */
export function referencesOf({ chains, names }: Closure): readonly PointReference[] {
  const roots = new Set(chains.map(({ root }) => root.key));
  return chains.flatMap((chain): readonly PointReference[] => {
    const { kind, key, name } = chain.root;
    const ends = chain.ends
      .filter((end) => isOwn(end, chain, roots))
      .flatMap((end) => referenceEnd(end, end.by === key ? undefined : nameOf(end.by, names)));
    return ends.length > 0 ? [{ root: { kind, key, name }, ends }] : [];
  });
}

/** Ends that the root itself tells of, and no other root does. */
export function isOwn({ by }: ChainEnd, { root }: Chain, roots: ReadonlySet<string>): boolean {
  if (by === root.key) return true;
  if (roots.has(by)) return false;
  // A version's chain goes on to the run that made it: that run belongs to its pipeline.
  return root.kind === "pipeline" || !/^(run|definition):/.test(by);
}

function referenceEnd({ kind, uri, place, part }: ChainEnd, by: string | undefined): readonly ReferenceEnd[] {
  if ((kind !== "bucket" && kind !== "volume") || place === undefined || !part) return [];
  return [{ kind, uri, place, part, ...(by ? { by } : {}) }];
}
