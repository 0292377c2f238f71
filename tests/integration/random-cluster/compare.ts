/** All objects of some namespaces before and after, object by object. */
import { type KubeObject, refKey, refOf } from "../../../src/flow/object.ts";
import type { RestorePlan, RestoreReport } from "../../../src/flow/restore-plan.ts";
import { allKinds } from "./cluster.ts";
import { type Difference, unexplained } from "./differences.ts";
import { fateOf, isRead } from "./fates.ts";
import { type Moves, movedBy } from "./moved.ts";
import { collection, type Server } from "./server.ts";

/** By "Kind.group namespace/name". Numbers are {"#": digits}. */
export type Snapshot = ReadonlyMap<string, KubeObject>;

export async function read(server: Server, namespaces: readonly string[]): Promise<Snapshot> {
  const lists = await Promise.all(
    namespaces.flatMap((namespace) =>
      allKinds.map(async ({ apiVersion, kind, plural }) =>
        (await server.list(collection(apiVersion, plural, namespace))).map((object) => ({
          ...object,
          apiVersion,
          kind,
        })),
      ),
    ),
  );
  return new Map(lists.flat().map((object) => [refKey(refOf(object)), object]));
}

export interface Restored {
  readonly was: Snapshot;
  readonly is: Snapshot;
  readonly moves: Moves;
  readonly plan: RestorePlan;
  readonly report: RestoreReport;
}

/** A sentence for everything that no rule explains. */
export function compare(restored: Restored): string[] {
  const expected = new Set<string>();
  const faults = [...restored.was.values()].flatMap((object) => judge(object, restored, expected));
  for (const [key, { kind }] of restored.is) {
    if (!expected.has(key) && kind !== "Event") faults.push(`${key}: nobody knows where it comes from`);
  }
  return faults;
}

function judge(object: KubeObject, { was, is, moves, plan, report }: Restored, expected: Set<string>): string[] {
  const ref = refOf(object);
  const inNamespace = (snapshot: Snapshot, namespace: string) => byName(snapshot).get(namespace)!;
  const fate = fateOf(object, (kind, name) => {
    const found = inNamespace(was, ref.namespace!)?.get(`${kind} ${name}`);
    return found && isRead(found) ? found : undefined;
  });
  const moved = movedBy(moves, object, (namespace, name) => {
    const service = was.get(refKey({ group: "", kind: "Service", namespace, name }));
    return service !== undefined && isRead(service);
  });
  const key = refKey(refOf(moved));
  const decisions = plan.decisions.filter((one) => refKey(one.ref) === refKey(ref));
  const outcome = report.outcomes.find((one) => refKey(one.ref) === key);
  const live = is.get(key);
  const fault = (text: string) => [`${key}: ${text}`];

  if (fate.is === "away" && fate.rules.length === 0)
    return live || decisions.length > 0 ? fault("should not be read") : [];
  if (decisions.length !== 1) return fault(`${decisions.length} decisions`);
  const [{ action, rule, reason }] = decisions as [(typeof decisions)[0]];
  if (action === "skip") {
    if (live) return fault(`is there, but was to stay away: ${reason}`);
    if (fate.is === "back" || !fate.rules.includes(rule)) return fault(`stays away by ${rule}: ${reason}`);
    return outcome?.result === "skipped" ? [] : fault(`ended as ${outcome?.result}`);
  }
  if (fate.is === "away") return fault(`was to stay away by ${fate.rules.join(" or ")}`);
  expected.add(key);
  if (!live) return fault(`did not come back: ${outcome?.result}: ${outcome?.reason}`);
  if (outcome?.result !== "created" && !isNotReady(outcome?.reason))
    return fault(`ended as ${outcome?.result}: ${outcome?.reason}`);
  const target = (kind: string, name: string) => inNamespace(is, refOf(moved).namespace!)?.get(`${kind} ${name}`);
  const isMoved = moves.get(ref.namespace!) !== ref.namespace;
  return unexplained({ was: moved, is: live, target, moved: isMoved }).flatMap((one) => fault(told(one)));
}

function told({ path, was, is }: Difference): string {
  const short = (value: unknown) => JSON.stringify(value)?.slice(0, 300);
  return `${path} was ${short(was)}, is ${short(is)}`;
}

const known = new WeakMap<Snapshot, Map<string, Map<string, KubeObject>>>();

/** Namespace -> "Kind name" -> object. */
function byName(snapshot: Snapshot): Map<string, Map<string, KubeObject>> {
  const found = known.get(snapshot) ?? new Map<string, Map<string, KubeObject>>();
  if (!known.has(snapshot)) {
    for (const object of snapshot.values()) {
      const namespace = object.metadata.namespace!;
      if (!found.has(namespace)) found.set(namespace, new Map());
      found.get(namespace)!.set(`${object.kind} ${object.metadata.name}`, object);
    }
    known.set(snapshot, found);
  }
  return found;
}

/** Nothing becomes ready here, since no controller runs: the object is looked at all the same. */
export function isNotReady(reason = ""): boolean {
  return reason.startsWith("written, but was ready in the point");
}
