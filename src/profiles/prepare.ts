import { copyOf } from "../flow/copy.ts";
import { type KubeObject, type ObjectMeta, refOf } from "../flow/object.ts";
import type { RestoreRule } from "./profile.ts";

export interface Prepared {
  readonly object: KubeObject;
  /** Ids of the rules that changed something, for the explanation. */
  readonly changedBy: readonly string[];
}

/** The object as it is to be written into a cluster: a changed copy, by `rules` in their order. */
export function prepare(object: KubeObject, rules: readonly RestoreRule[]): Prepared {
  const { group, kind } = refOf(object);
  let current = copyOf(object);
  let text = JSON.stringify(current);
  const changedBy: string[] = [];
  for (const rule of rules) {
    if (
      rule.kinds !== "all" &&
      !rule.kinds.some((known) => known.group === group && (known.kind === kind || known.kind === "*"))
    )
      continue;
    current = applyRule(current, rule);
    const now = JSON.stringify(current);
    if (now !== text) changedBy.push(rule.id);
    text = now;
  }
  return { object: current, changedBy };
}

function applyRule(object: KubeObject, rule: RestoreRule): KubeObject {
  const { metadata } = object;
  dropKeys(metadata, "annotations", rule.annotations);
  dropKeys(metadata, "labels", rule.labels);
  if (rule.finalizers && metadata.finalizers) {
    const left = metadata.finalizers.filter((name) => !nameMatches(name, rule.finalizers ?? []));
    if (left.length > 0) metadata.finalizers = left;
    else delete metadata.finalizers;
  }
  for (const path of rule.fields ?? []) dropField(object, path.split("."));
  return rule.change ? rule.change(object) : object;
}

function dropKeys(
  metadata: ObjectMeta,
  field: "annotations" | "labels",
  patterns: readonly string[] | undefined,
): void {
  const map = metadata[field];
  if (!map || !patterns) return;
  for (const key of Object.keys(map)) if (nameMatches(key, patterns)) delete map[key];
  if (Object.keys(map).length === 0) delete metadata[field];
}

function nameMatches(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

function dropField(value: Record<string, any>, path: readonly string[]): void {
  const [head, ...rest] = path;
  if (head === undefined || value === null || typeof value !== "object") return;
  if (rest.length === 0) delete value[head];
  else if (value[head] !== undefined) dropField(value[head], rest);
}
