import type { Inventory } from "../flow/inventory.ts";
import type { ObjectRef } from "../flow/object.ts";
import { type Application, graphOf, type Lean } from "./graph.ts";

/** The graph for people: an application, what it leans on below it, each line with the rule that says so. */
export function graphText(inventory: Inventory): string {
  const { applications, apart } = graphOf(inventory);
  const names = namesOf(inventory);
  const places = Map.groupBy(applications, (one) => one.root.namespace ?? "");
  const lines = inventory.namespaces.flatMap((namespace) => [
    `Namespace ${namespace}`,
    "",
    ...(places.get(namespace) ?? []).flatMap((one) => [...applicationLines(one, names), ""]),
    ...apartLines(
      apart.filter((one) => one.namespace === namespace),
      names,
    ),
  ]);
  return `${lines.join("\n").trimEnd()}\n`;
}

function applicationLines({ root, state, made, leansOn, around }: Application, names: Names): readonly string[] {
  const place = { home: root.namespace ?? "", names };
  const head = `${names.kindOf(root)} ${root.name}${state === "unknown" ? "" : `  [${state === "ready" ? "ready" : "not ready"}]`}`;
  const plain = around.filter((one) => one.leansOn.length === 0).map((one) => one.ref);
  const branches = [
    ...leansOn.map((one) => ({ line: leanLine(one, place), leansOn: one.leansOn })),
    ...around.flatMap(({ ref, leansOn }) =>
      leansOn.length > 0 ? [{ line: `behind ${names.kindOf(ref)} ${ref.name}`, leansOn }] : [],
    ),
  ];
  const notes = [
    ...(made.length > 0 ? [`makes ${counted(made, names)}`] : []),
    ...(plain.length > 0 ? [`behind ${counted(plain, names)}`] : []),
  ];
  return [head, ...notes.map((note) => `${branches.length > 0 ? "│" : " "}  ${note}`), ...tree(branches, place, "")];
}

function tree(
  branches: readonly { readonly line: string; readonly leansOn: readonly Lean[] }[],
  place: Place,
  indent: string,
): readonly string[] {
  return branches.flatMap(({ line, leansOn }, at) => {
    const isLast = at === branches.length - 1;
    const below = leansOn.map((one) => ({ line: leanLine(one, place), leansOn: one.leansOn }));
    return [`${indent}${isLast ? "└─" : "├─"} ${line}`, ...tree(below, place, `${indent}${isLast ? "   " : "│  "}`)];
  });
}

function leanLine({ kind, to, rules, end }: Lean, place: Place): string {
  return `${kind} ${shown(to, place)}  (${[...rules, ...(end ? [ends[end]] : [])].join(", ")})`;
}

const ends = {
  above: "as above",
  application: "an application here",
  outside: "not in these namespaces",
  missing: "NOT FOUND",
} as const;

interface Names {
  /** What has a name and is no object: "volume shop/data", "database shop/db-0", "bucket s3.example.com/models". */
  readonly others: ReadonlyMap<string, string>;
  /** "Deployment"; "Service.serving.knative.dev" where another group has a Service here too. */
  readonly kindOf: (ref: Pick<ObjectRef, "group" | "kind">) => string;
}
interface Place {
  readonly home: string;
  readonly names: Names;
}

function namesOf({ objects, volumes, databases, buckets }: Inventory): Names {
  const named = (kind: string, all: readonly { readonly id: string }[]) =>
    all.map(({ id }) => [id, `${kind} ${id}`] as const);
  const groups = new Map<string, string>();
  const shared = new Set<string>();
  for (const { ref } of objects) {
    if ((groups.get(ref.kind) ?? ref.group) !== ref.group) shared.add(ref.kind);
    groups.set(ref.kind, ref.group);
  }
  return {
    others: new Map([...named("volume", volumes), ...named("database", databases), ...named("bucket", buckets)]),
    kindOf: ({ group, kind }) => (group && shared.has(kind) ? `${kind}.${group}` : kind),
  };
}

/** "Secret keys", "Service other/db", "image quay.io/a/b@sha256:0123456789ab". */
function shown(key: string, { home, names }: Place): string {
  const known = names.others.get(key);
  if (known) return known;
  const outside = /^(image|uri):(.*)$/.exec(key);
  if (outside) {
    const [, kind, name = ""] = outside;
    return `${kind} ${name.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1")}`;
  }
  const space = key.indexOf(" ");
  const [kind = "", ...group] = key.slice(0, space).split(".");
  const name = key.slice(space + 1);
  return `${names.kindOf({ kind, group: group.join(".") })} ${name.startsWith(`${home}/`) ? name.slice(home.length + 1) : name}`;
}

const most = 4;

/** "Deployment web, 3 Pods": names where there are few of a kind. */
function counted(refs: readonly ObjectRef[], { kindOf }: Names): string {
  const byKind = Map.groupBy(refs, kindOf);
  return [...byKind]
    .map(([kind, found]) => {
      const names = found.map((one) => one.name).sort();
      if (names.length === 1) return `${kind} ${names[0]}`;
      return names.length <= most ? `${kind} ${names.join(", ")}` : `${names.length} of ${kind}`;
    })
    .join("; ");
}

/** One line a kind. */
function apartLines(refs: readonly ObjectRef[], { kindOf }: Names): readonly string[] {
  if (refs.length === 0) return [];
  const byKind = [...Map.groupBy(refs, kindOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    "Nothing above leans on",
    ...byKind.map(([kind, found]) => {
      const names = found.map((one) => one.name).sort();
      const more = names.length > 8 ? ` and ${names.length - 8} more` : "";
      return `   ${kind} ${names.slice(0, 8).join(", ")}${more}`;
    }),
    "",
  ];
}
