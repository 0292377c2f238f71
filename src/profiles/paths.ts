/**
 * A small language for "this field names that object", so that a rule of a profile is one line of data:
 *
 *     leads(workspace, "spec.podTemplate.volumes.data[*].pvcName", kinds.claim)
 *
 * A path is made of fields (`spec.kind`), quoted fields (`annotations["a/b"]`), each item of a list (`[*]`), each value of a
 * map (`{*}`), and of readings of a text: `| csv` (a list), `| json`, `| yaml` (parsed; one that is broken leads nowhere) and
 * `| before(:)` (the part before the first ":"). What follows a reading goes on in what it gave: `spec.flow | json.tasks[*].image`.
 */
import { parse as parseYaml } from "yaml";
import type { Edge } from "../flow/inventory.ts";
import { type KubeObject, refOf } from "../flow/object.ts";
import type { GroupKind, PathEnd, PathRule, Reference } from "./profile.ts";

export interface PathOptions {
  readonly rule?: string;
  readonly kind?: Edge["kind"];
  readonly within?: PathRule["within"];
  readonly name?: string;
  /** The object works without it, or something makes it: no finding where it is missing. */
  readonly optional?: boolean;
}

/** `of` names an object of kind `to`, a URI or an image, at `path`. */
export function leads(of: GroupKind, path: string, to: PathEnd, options: PathOptions = {}): PathRule {
  const { rule = ruleName(of, path), kind = edgeKind(to), within = "same", name = "*", optional = false } = options;
  parsePath(path); // a mistake in a profile shows when it is loaded
  return { of, path, to, rule, kind, within, name, optional };
}

/** The path of an annotation. */
export const annotation = (key: string): string => `metadata.annotations["${key}"]`;

/** The objects that `object` names by these rules, which are of its kind. */
export function referencesBy(rules: readonly PathRule[], object: KubeObject): readonly Reference[] {
  return rules.flatMap((rule): readonly Reference[] => {
    const { to, kind, optional } = rule;
    if (to === "uri" || to === "image") return [];
    return namesBy(rule, object).map(
      (place): Reference => ({
        to: { group: to.group, kind: to.kind, ...place },
        kind,
        rule: rule.rule,
        ...(optional ? { optional } : {}),
      }),
    );
  });
}

/** The URIs, or images, that `object` names by these rules. */
export function textsBy(rules: readonly PathRule[], end: "uri" | "image", object: KubeObject): readonly NamedText[] {
  return rules
    .filter((rule) => rule.to === end)
    .flatMap((rule) =>
      valuesAt(object, rule.path).flatMap((text) =>
        typeof text === "string" && text !== "" && (end === "image" || leadsOut(text))
          ? [{ text, rule: rule.rule }]
          : [],
      ),
    );
}

/** A file in the pod itself ("registry.db", "sqlite:///x") is no place of its own. */
function leadsOut(uri: string): boolean {
  return uri.includes("://") && !/^(file|local|sqlite)\b/.test(uri);
}

export interface NamedText {
  readonly text: string;
  readonly rule: string;
}

/** What lies at `path`; nothing where it leads nowhere. */
export function valuesAt(value: unknown, path: string): readonly unknown[] {
  let found: unknown[] = [value];
  for (const step of parsePath(path))
    found = found.flatMap((one) => step(one)).filter((one) => one !== undefined && one !== null);
  return found;
}

/** A name is a text, "<namespace>/<name>", or a node with `name` and perhaps `namespace`. */
function namesBy({ path, within, name }: PathRule, object: KubeObject): { namespace?: string; name: string }[] {
  return valuesAt(object, path).flatMap((value) => {
    const node: any = typeof value === "object" ? value : { name: value };
    if (typeof node?.name !== "string" || node.name === "" || node.name.includes("{{")) return [];
    const slash = node.name.indexOf("/");
    const named = name.replace("*", node.name.slice(slash + 1));
    if (within === "cluster") return [{ name: named }];
    const home = slash > 0 ? node.name.slice(0, slash) : node.namespace || placeOf(within, object);
    return [{ ...(home ? { namespace: home } : {}), name: named }];
  });
}

function placeOf(within: PathRule["within"], object: KubeObject): string | undefined {
  const own = object.metadata.namespace;
  if (typeof within === "string") return own;
  const [place] = valuesAt(object, within.path);
  return typeof place === "string" && place !== "" ? place : own;
}

type Step = (value: any) => unknown[];

const parsed = new Map<string, readonly Step[]>();
const token = /\.?([A-Za-z0-9_$][\w$-]*)|\["([^"]+)"\]|(\[\*\])|(\{\*\})|\s*\|\s*(csv|json|yaml|before\((.)\))/y;

function parsePath(path: string): readonly Step[] {
  const known = parsed.get(path);
  if (known) return known;
  const steps: Step[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < path.length) {
    const match = token.exec(path);
    if (!match) throw new Error(`"${path}" is no path`);
    steps.push(stepOf(match));
  }
  parsed.set(path, steps);
  return steps;
}

function stepOf([, field, quoted, items, values, reading, mark]: RegExpExecArray): Step {
  const key = field ?? quoted;
  if (key !== undefined) return (value) => [isNode(value) ? value[key] : undefined];
  if (items) return (value) => (Array.isArray(value) ? value : []);
  if (values) return (value) => (isNode(value) ? Object.values(value) : []);
  if (mark !== undefined) return (value) => (typeof value === "string" ? [value.split(mark)[0]] : []);
  if (reading === "csv") return (value) => (typeof value === "string" ? partsOf(value) : []);
  return (value) => (typeof value === "string" ? [read(value, reading === "json" ? JSON.parse : parseYaml)] : [value]);
}

function isNode(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function partsOf(text: string): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
}

/** People write these texts: a broken one leads nowhere, as it does for its controller. */
function read(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function edgeKind(to: PathEnd): Edge["kind"] {
  const kind = typeof to === "string" ? to : to.kind;
  if (kind === "PersistentVolumeClaim") return "mounts";
  return kind === "Secret" || kind === "ConfigMap" || kind === "uri" ? "reads" : "needs";
}

/** "InferenceGraph" and "spec.nodes{*}.steps[*].serviceName": "inferenceGraph.nodes.steps.serviceName". */
export function ruleName({ kind }: GroupKind, path: string): string {
  const head = /^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+/.exec(kind)?.[0] ?? "";
  const fields = path
    .replace(/^(spec|metadata)\./, "")
    .replace(/\s*\|.*?(?=\.|$)|\[\*\]|\{\*\}/g, "")
    .replace(/\["[^"]*?([^/"]+)"\]/g, ".$1");
  return `${head.toLowerCase()}${kind.slice(head.length)}.${fields}`;
}

/** Rules by the kind that they are of: one look for an object, however many profiles there are. */
export function rulesByKind(rules: readonly PathRule[]): (object: KubeObject) => readonly PathRule[] {
  const table = Map.groupBy(rules, ({ of }) => `${of.kind}.${of.group}`);
  return (object) => {
    const { group, kind } = refOf(object);
    return table.get(`${kind}.${group}`) ?? [];
  };
}
