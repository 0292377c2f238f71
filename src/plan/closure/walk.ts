/** From a root along the edges to whatever holds bytes. Pure. */
import type { Chain, ChainEnd, ChainRoot, ChainStep } from "../../flow/closure.ts";
import type { Edge } from "../../flow/inventory.ts";
import { endsAt } from "./ends.ts";
import { isUnknown, mayBeFollowed, type World } from "./world.ts";

interface Visit {
  readonly edge: Edge;
  readonly end?: ChainStep["end"];
}

/** The shortest way to each end. What leads to no bytes is left out, but for what is missing. */
export function chainOf(root: ChainRoot, world: World): Chain {
  const visited = new Map<string, Visit | undefined>([[root.key, undefined]]);
  const ends = new Map<string, ChainEnd>();
  const lost = new Set<string>();
  for (const [at] of visited) {
    for (const edge of world.out.get(at) ?? []) {
      if (!mayBeFollowed(edge)) continue;
      const end = isUnknown(edge.to, world);
      if (end && !isTold(edge.to)) continue;
      for (const one of endsAt(edge, world)) if (!ends.has(one.uri)) ends.set(one.uri, one);
      if (visited.has(edge.to)) continue;
      visited.set(edge.to, { edge, ...(end ? { end } : {}) }); // the loop goes on to it: a Map keeps its order
      if (end) lost.add(edge.to);
    }
  }
  const kept = withoutGeneral([...ends.values()]);
  return { root, steps: stepsTo(kept, lost, visited, world), ends: kept };
}

/** A connection, or its claim, opens a whole bucket; where something says which part of it is read, that part is meant. */
function withoutGeneral(ends: readonly ChainEnd[]): readonly ChainEnd[] {
  const isGeneral = ({ rule, by }: ChainEnd) => rule === "connection.bucket" || by.startsWith("ObjectBucketClaim");
  const exact = new Set(ends.flatMap((one) => (one.place && !isGeneral(one) ? one.place : [])));
  return ends.filter((one) => !isGeneral(one) || !exact.has(one.place ?? ""));
}

/** Of what is missing, a chain tells where bytes or a way to them may be lost. */
function isTold(key: string): boolean {
  return /^(Secret|PersistentVolumeClaim|Service|ModelRegistry|InferenceService|ServingRuntime|ClusterServingRuntime|Notebook|version:)[. ]?/.test(
    key,
  );
}

function stepsTo(
  ends: readonly ChainEnd[],
  lost: ReadonlySet<string>,
  visited: ReadonlyMap<string, Visit | undefined>,
  world: World,
): readonly ChainStep[] {
  const steps = new Map<string, ChainStep>();
  const add = (step: ChainStep) => steps.set(`${step.from}\0${step.to}`, step);
  const climb = (node: string) => {
    for (let visit = visited.get(node); visit; visit = visited.get(visit.edge.from)) {
      const { edge, end } = visit;
      if (steps.has(`${edge.from}\0${edge.to}`)) return;
      add({ from: edge.from, to: edge.to, rule: edge.rule, ...(end ? { end } : {}) });
    }
  };
  for (const key of lost) climb(key);
  for (const { by } of ends) climb(by);
  for (const { place, kind } of ends) {
    if (kind !== "bucket" || !place) continue;
    for (const { from, to, rule } of world.out.get(place) ?? []) {
      const end = isUnknown(to, world);
      add({ from, to, rule, ...(end ? { end } : {}) });
    }
  }
  return [...steps.values()];
}
