import { Fault } from "../../base/fault.ts";
import { fromPlain, toPlain } from "../../base/plain.ts";
import { keptIn, type ObjectList } from "../../flow/object-list.ts";
import { refKey } from "../../flow/object.ts";
import { kindKey, type TargetFacts } from "../restore-facts.ts";
import type { RestoreOptions } from "../restore-options.ts";
import { judgedElsewhere } from "./judged-elsewhere.ts";

/**
 * What a cluster was like when somebody looked: a point can be compared with it while the cluster is out of reach. Objects
 * in its namespaces, and what an account may write there, are no part of it.
 */
export interface TargetRecord {
  readonly takenAt: string; // RFC 3339
  /** As a person calls it: the context. */
  readonly name: string;
  readonly version: string;
  /** Of all namespaces; `clusterObjects` are all that it has. */
  readonly facts: TargetFacts;
  /** Cluster-scoped kinds (kindKey) that were not listed: of them nothing is said to be missing. */
  readonly unlisted: readonly string[];
}

const kind = "HoldfastTargetFacts";
const layout = 1;

export function writeTargetRecord({ facts, ...rest }: TargetRecord): object {
  return { kind, layout, ...rest, facts: toPlain(facts) };
}

/** Fault INVALID where the text is something else. */
export function readTargetRecord(text: string, file: string): TargetRecord {
  const wrong = (what: string) =>
    new Fault("INVALID", `${file} ${what}`, {
      hint: "make it on the other cluster: holdfast preflight --record > FILE",
    });
  let value: any;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong("is no JSON");
  }
  if (value?.kind !== kind) throw wrong("does not hold recorded facts of a cluster");
  if (value.layout !== layout) throw wrong(`is of layout ${value.layout}, and this version reads layout ${layout}`);
  const facts = fromPlain(value.facts) as TargetFacts;
  if (!(facts?.kinds instanceof Set) || !(facts.namespaces instanceof Map)) throw wrong("is not complete");
  return { takenAt: value.takenAt, name: value.name, version: value.version, facts, unlisted: value.unlisted ?? [] };
}

/** The facts as `gatherTargetFacts` would have given them for one restore. */
export function factsOfRecord(
  { facts, unlisted }: TargetRecord,
  clusterObjects: ObjectList,
  { components, includeClusterResources }: RestoreOptions,
): TargetFacts {
  const all = facts.clusterObjects ?? new Set();
  const wanted = new Set(components.map((one) => one.restoreNamespace));
  const { clusterObjects: _all, ...rest } = facts;
  const ofPoint = keptIn(clusterObjects).map((one) => one.ref);
  return {
    ...rest,
    namespaces: new Map([...facts.namespaces].filter(([name]) => wanted.has(name))),
    missingClusterObjects: ofPoint
      .filter((ref) => !ref.namespace && !judgedElsewhere.has(ref.kind) && !all.has(refKey(ref)))
      .filter((ref) => !unlisted.includes(kindKey(ref.group, ref.kind)))
      .map(refKey),
    ...(includeClusterResources ? { clusterObjects: new Set(ofPoint.map(refKey).filter((key) => all.has(key))) } : {}),
  };
}
