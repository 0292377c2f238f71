/** The inventory as a person thinks of it: applications, and what each leans on. Pure. */
import type { Edge, Inventory, InventoryObject } from "../flow/inventory.ts";
import { type ObjectRef, refKey } from "../flow/object.ts";
import { readinessOf } from "../profiles/index.ts";
import { kinds } from "../profiles/kinds.ts";
import type { Readiness } from "../profiles/profile.ts";

export interface InventoryGraph {
  readonly applications: readonly Application[];
  /** Objects of the namespaces that no application leans on. */
  readonly apart: readonly ObjectRef[];
}

/** Something that runs: what nobody owns, with all that is made of it. */
export interface Application {
  readonly root: ObjectRef;
  readonly state: Readiness;
  /** What its controllers made of it, down to the pods. */
  readonly made: readonly ObjectRef[];
  readonly leansOn: readonly Lean[];
  /** Services, routes, budgets, ...: what points at it, and what that leans on besides. */
  readonly around: readonly { readonly ref: ObjectRef; readonly leansOn: readonly Lean[] }[];
}

/** One thing that is leaned on, why, and what it leans on itself. */
export interface Lean {
  readonly to: string; // as in Edge
  readonly kind: Edge["kind"];
  readonly rules: readonly string[];
  /** Not followed: shown above already, an application of its own, not in these namespaces, or not there at all. */
  readonly end?: "above" | "application" | "outside" | "missing";
  readonly leansOn: readonly Lean[];
}

export function graphOf(inventory: Inventory): InventoryGraph {
  const world = worldOf(inventory);
  const groups = groupsOf(world);
  const rootOf = new Map([...groups].flatMap(([root, members]) => members.map((key) => [key, root] as const)));
  const isNeeded = neededByOthers(world, rootOf);
  const roots = [...groups.keys()].filter((root) => isApplication(root, groups.get(root) ?? [], world, isNeeded));
  const applications = new Set(roots);
  const used = new Set<string>();
  const found = roots.map((root) => applicationOf(root, groups.get(root) ?? [], { world, rootOf, applications, used }));
  const apart = [...world.objects].flatMap(([key, { ref }]) =>
    ref.namespace && !used.has(rootOf.get(key) ?? key) && !used.has(key) ? [ref] : [],
  );
  return { applications: found.sort((a, b) => (label(a.root) < label(b.root) ? -1 : 1)), apart };
}

interface World {
  readonly objects: ReadonlyMap<string, InventoryObject>;
  readonly out: ReadonlyMap<string, readonly Edge[]>;
  readonly into: ReadonlyMap<string, readonly Edge[]>;
  readonly namespaces: ReadonlySet<string>;
}

function worldOf(inventory: Inventory): World {
  return {
    objects: new Map(inventory.objects.map((one) => [refKey(one.ref), one])),
    out: Map.groupBy(inventory.edges, (edge) => edge.from),
    into: Map.groupBy(inventory.edges, (edge) => edge.to),
    namespaces: new Set(inventory.namespaces),
  };
}

/** Each object under the one that owns it in the end, if that is in the namespaces too. */
function groupsOf({ objects, out }: World): Map<string, string[]> {
  const ownerOf = (key: string) =>
    out.get(key)?.find((edge) => edge.kind === "owns" && objects.get(edge.to)?.ref.namespace)?.to;
  const groups = new Map<string, string[]>();
  for (const [key, { ref }] of objects) {
    if (!ref.namespace) continue;
    let root = key;
    for (let depth = 0; depth < 10; depth++) root = ownerOf(root) ?? root;
    const members = groups.get(root) ?? [];
    members.push(key);
    groups.set(root, members);
  }
  return groups;
}

const workloads = new Set(
  [kinds.deployment, kinds.statefulSet, kinds.daemonSet, kinds.job, kinds.cronJob, kinds.pod].map(
    ({ group, kind }) => `${kind}.${group}`,
  ),
);

/** Also where they have no pods now. */
const always = new Set(
  [kinds.inferenceService, kinds.notebook, kinds.modelRegistry].map(({ group, kind }) => `${kind}.${group}`),
);

function isWorkload({ group, kind }: ObjectRef): boolean {
  return workloads.has(`${kind}.${group}`);
}

/** What has pods is one; so is what has a pod template and is not just there for others (a ServingRuntime). */
function isApplication(root: string, members: readonly string[], world: World, isNeeded: ReadonlySet<string>): boolean {
  const refs = members.flatMap((key) => world.objects.get(key)?.ref ?? []);
  const { group = "", kind = "" } = world.objects.get(root)?.ref ?? {};
  if (refs.some(isWorkload) || always.has(`${kind}.${group}`)) return true;
  const runs = (world.out.get(root) ?? []).some((edge) => edge.rule.startsWith("pod.") || edge.to.startsWith("image:"));
  return runs && !isNeeded.has(root);
}

function neededByOthers({ into }: World, rootOf: ReadonlyMap<string, string>): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const [to, edges] of into) {
    const root = rootOf.get(to);
    if (root && edges.some((edge) => leans(edge) && rootOf.get(edge.from) !== root)) needed.add(root);
  }
  return needed;
}

/** Who needs a Service needs what is behind it. */
function leans({ kind, rule }: Edge): boolean {
  return rule === "service.selector.template" || (kind !== "owns" && kind !== "selects");
}

interface Walk {
  readonly world: World;
  readonly rootOf: ReadonlyMap<string, string>;
  readonly applications: ReadonlySet<string>;
  /** Keys that belong to some application. */
  readonly used: Set<string>;
}

function applicationOf(root: string, members: readonly string[], walk: Walk): Application {
  const { world, used } = walk;
  const own = new Set(members);
  for (const key of [root, ...members]) used.add(key);
  const seen = new Set(own);
  const edges = members.flatMap((key) => world.out.get(key) ?? []);
  const leansOn = leansFrom(edges, own, seen, walk);
  const around = aroundOf(own, walk);
  const object = world.objects.get(root);
  return {
    root: object?.ref ?? { group: "", kind: root, name: "" },
    state: object ? readinessOf(object.object) : "unknown",
    made: members.flatMap((key) => (key === root ? [] : (world.objects.get(key)?.ref ?? []))),
    leansOn,
    around: around.flatMap((key) => {
      const ref = world.objects.get(key)?.ref;
      const path = new Set([...own, ...around]);
      return ref ? [{ ref, leansOn: leansFrom(world.out.get(key) ?? [], path, seen, walk) }] : [];
    }),
  };
}

/** Each target once, with all rules that lead to it; what it leans on itself below, once in an application. */
function leansFrom(edges: readonly Edge[], path: ReadonlySet<string>, seen: Set<string>, walk: Walk): readonly Lean[] {
  const { world, rootOf, applications, used } = walk;
  const targets = Map.groupBy(
    edges.filter((edge) => leans(edge) && !path.has(edge.to)),
    (edge) => edge.to,
  );
  const fresh = new Set([...targets.keys()].filter((to) => !seen.has(to)));
  for (const to of fresh) seen.add(to);
  return [...targets].map(([to, found]): Lean => {
    const base = { to, kind: found[0]?.kind ?? "needs", rules: [...new Set(found.map((edge) => edge.rule))] };
    used.add(to);
    const further = (world.out.get(to) ?? []).filter((edge) => leans(edge) && !path.has(edge.to));
    const root = rootOf.get(to);
    if (root && applications.has(root)) return { ...base, end: "application", leansOn: [] };
    if (!fresh.has(to)) return { ...base, ...(further.length > 0 ? { end: "above" } : {}), leansOn: [] };
    const absent = absence(to, world);
    if (absent) return { ...base, end: absent, leansOn: [] };
    return { ...base, leansOn: leansFrom(further, new Set([...path, to]), seen, walk) };
  });
}

/** Of an object that discovery did not see: it belongs to others, or does not exist. Images, buckets and the like are no objects. */
function absence(key: string, { objects, namespaces }: World): "outside" | "missing" | undefined {
  const name = /^[A-Z][^ ]* (.+)$/.exec(key)?.[1];
  if (!name || objects.has(key)) return undefined;
  const slash = name.indexOf("/");
  return slash < 0 || namespaces.has(name.slice(0, slash)) ? "missing" : "outside";
}

/** What points at it, and what points at that: an Ingress at a Service. Never another application. */
function aroundOf(own: ReadonlySet<string>, { world, rootOf, applications, used }: Walk): readonly string[] {
  const found = new Set<string>();
  let open = [...own];
  for (let depth = 0; depth < 2; depth++) {
    const next: string[] = [];
    for (const { from, kind } of open.flatMap((key) => world.into.get(key) ?? [])) {
      const isOther = applications.has(rootOf.get(from) ?? "") || own.has(from) || found.has(from);
      if (kind === "owns" || isOther || !world.objects.get(from)?.ref.namespace) continue;
      found.add(from);
      used.add(from);
      next.push(from);
    }
    open = next;
  }
  return [...found];
}

function label({ namespace, kind, name }: ObjectRef): string {
  return `${namespace} ${kind} ${name}`;
}
