/** Why one object is in a backup or out of it, who needs it, and what a restore would do with it. Pure. */
import type { Selection } from "../flow/backup-scope.ts";
import type { Chain } from "../flow/closure.ts";
import type { Edge, Inventory } from "../flow/inventory.ts";
import { type ObjectRef, refKey } from "../flow/object.ts";
import type { Decision } from "../flow/restore-plan.ts";
import { kinds } from "../profiles/kinds.ts";
import { type Selected, select } from "./backup-selection.ts";
import { chainText, closureOf, whoLeansOn } from "./closure/index.ts";
import { readingOf } from "./findings/volumes.ts";
import { graphOf } from "./graph.ts";
import { decideLive } from "./why-restore.ts";

export interface Why {
  readonly object: ObjectRef;
  readonly backup: { readonly in: boolean; readonly rule: string; readonly reason: string };
  /** Of a claim: how its volume is read, or why it is not. */
  readonly content?: string;
  /** The shortest way from an application to the object; empty where none leads there. */
  readonly path: readonly Edge[];
  /** What points at it, and what it points at, of the same inventory. */
  readonly neededBy: readonly Edge[];
  readonly leansOn: readonly Edge[];
  /** Of an endpoint, a pipeline or a workbench: the way to its bytes. */
  readonly chain?: { readonly words: string; readonly chain: Chain };
  /** The endpoints, registered versions, pipelines and workbenches whose bytes are behind it. */
  readonly carries: readonly string[];
  /** In a restore into an empty place, as far as can be told without a recovery point. */
  readonly restore?: Pick<Decision, "action" | "rule" | "reason">;
}

export function why(inventory: Inventory, object: ObjectRef, selection: Selection): Why {
  const key = refKey(object);
  const selected = select(inventory, selection);
  const { in: isIn, rule, reason } = selected.choiceOf(key);
  const content = contentOf(object, selected);
  const closure = closureOf(inventory);
  const chain = closure.chains.find(({ root }) => root.key === key);
  const restore = isIn && object.namespace ? decideLive(inventory, object, selected) : undefined;
  return {
    object,
    backup: { in: isIn, rule, reason },
    ...(content ? { content } : {}),
    path: pathTo(inventory, key),
    neededBy: inventory.edges.filter((edge) => edge.to === key && edge.kind !== "owns"),
    leansOn: inventory.edges.filter((edge) => edge.from === key),
    ...(chain ? { chain: { words: chainText(chain, closure.names), chain } } : {}),
    carries: whoLeansOn(closure, key).map(({ root }) => root.name),
    ...(restore ? { restore } : {}),
  };
}

function contentOf(object: ObjectRef, selected: Selected): string | undefined {
  if (object.kind !== kinds.claim.kind || object.group !== "") return undefined;
  const found = selected.volumes.find(({ volume }) => volume.id === `${object.namespace}/${object.name}`);
  if (!found) return "no volume is bound to it: there is no content";
  if (found.leftOut) return `its content is left out: ${found.leftOut.reason}`;
  const reading = readingOf(found.volume);
  if (reading === "none")
    return "its content cannot be read: no snapshot class of its driver, and no running pod mounts its files";
  return reading === "snapshot"
    ? `its content is read from a snapshot of class ${found.volume.snapshotClass}`
    : `its content is read live, where pod ${found.volume.usedBy?.pod} has it mounted`;
}

/**
 * Backwards from the object, to the nearest root of an application: over what needs it, and from what is made to what makes it.
 */
function pathTo(inventory: Inventory, key: string): readonly Edge[] {
  const roots = new Set(graphOf(inventory).applications.map((one) => refKey(one.root)));
  const into = Map.groupBy(inventory.edges, (edge) => (edge.kind === "owns" ? edge.from : edge.to));
  const towards = new Map<string, Edge | undefined>([[key, undefined]]);
  for (const at of towards.keys()) {
    if (roots.has(at) && at !== key) return unroll(at, towards);
    for (const edge of into.get(at) ?? []) {
      if (edge.kind === "selects" && edge.rule !== "service.selector.template") continue;
      const before = edge.kind === "owns" ? edge.to : edge.from;
      if (!towards.has(before)) towards.set(before, edge); // the loop goes on to it: a Map keeps its order
    }
  }
  return [];
}

function unroll(root: string, towards: ReadonlyMap<string, Edge | undefined>): readonly Edge[] {
  const path: Edge[] = [];
  for (let edge = towards.get(root); edge; ) {
    path.push(edge);
    edge = towards.get(edge.kind === "owns" ? edge.from : edge.to);
  }
  return path;
}
