/** What a plan protects: the namespaces, and what of them. Plain data, and the pure questions about it. */
import { globMatches } from "../base/glob.ts";
import type { KubeObject } from "./object.ts";
import type { LabelSelector } from "./label-selector.ts";
import { isEmpty, matchedBy, matchesLabels, type Selector } from "./selector.ts";
import type { VolumePolicy } from "./volume-policy.ts";

export interface NamespaceChoice {
  readonly name: string;
  /** Empty includes everything. */
  readonly include?: Selector;
  readonly exclude?: Selector;
}

/** Chooses namespaces when the backup runs: by name with wildcards, and by label. What is given must all fit. */
export interface NamespaceSelector extends LabelSelector {
  readonly names?: readonly string[];
  readonly include?: Selector;
  readonly exclude?: Selector;
}

/** What of the chosen namespaces, and beside them, is taken. */
export interface Selection {
  /** A namespace that is not named is taken whole. */
  readonly namespaces?: readonly NamespaceChoice[];
  /** Objects that chosen ones lean on stay, although a filter would leave them out. */
  readonly keepRelated?: boolean;
  /** Cluster-scoped objects beyond what the namespaces lean on, and those that are left out. */
  readonly clusterResources?: { readonly include?: Selector; readonly exclude?: Selector };
  /** The first that fits a volume says how it is taken. */
  readonly volumePolicies?: readonly VolumePolicy[];
}

export interface BackupScope extends Selection {
  readonly namespaces: readonly NamespaceChoice[];
  readonly namespaceSelectors?: readonly NamespaceSelector[];
  /** Names, with wildcards, that no selector chooses. */
  readonly excludeNamespaces?: readonly string[];
}

/** Objects with one of these stay out of every backup. The second is what users of Velero have. */
const excludeLabels = ["holdfast.dev/exclude", "velero.io/exclude-from-backup"] as const;

export function excludeLabelOf({ metadata }: KubeObject): string | undefined {
  return excludeLabels.find((label) => metadata.labels?.[label] === "true");
}

/** Why an object is in a backup, or out of it. */
export interface Choice {
  readonly in: boolean;
  readonly rule: "exclude-label" | "excluded" | "not-included" | "related" | "included" | "everything";
  readonly reason: string;
}

export interface Filter {
  readonly include?: Selector;
  readonly exclude?: Selector;
  /** Objects that stay although the two would leave them out: is this one of them? */
  readonly isRelated?: (object: KubeObject) => boolean;
}

/** Is an object of a protected namespace taken? What a backup captures is decided here and nowhere else. */
export function choose(object: KubeObject, { include, exclude, isRelated }: Filter): Choice {
  const label = excludeLabelOf(object);
  if (label) return { in: false, rule: "exclude-label", reason: `it carries the label ${label}=true` };
  const excluded = matchedBy(exclude, object);
  const included = isEmpty(include) ? "" : matchedBy(include, object);
  if (!excluded && included === "") return { in: true, rule: "everything", reason: "everything here is taken" };
  if (!excluded && included) return { in: true, rule: "included", reason: `includeResources.${included} chooses it` };
  const reason = excluded ? `excludeResources.${excluded} leaves it out` : "no entry of includeResources chooses it";
  const out: Choice = { in: false, rule: excluded ? "excluded" : "not-included", reason };
  return isRelated?.(object) ? asRelated(out) : out;
}

/** What a filter leaves out, and a chosen object leans on. */
export function asRelated({ reason }: Choice): Choice {
  return { in: true, rule: "related", reason: `${reason}, but a chosen object leans on it and keepRelated is set` };
}

/**
 * The namespaces of a scope among those that exist. One that is named is taken as it is, whether it exists or not; a selector
 * passes over namespaces that are going away, that say they want to stay out, and Holdfast's own.
 */
export function chooseNamespaces(
  scope: BackupScope,
  existing: readonly KubeObject[],
  own: string,
): readonly NamespaceChoice[] {
  const named = new Set(scope.namespaces.map((one) => one.name));
  const isFree = (object: KubeObject) =>
    object.metadata.name !== own &&
    !object.metadata.deletionTimestamp &&
    !excludeLabelOf(object) &&
    !scope.excludeNamespaces?.some((pattern) => globMatches(pattern, object.metadata.name));
  const selected = existing.flatMap((object): readonly NamespaceChoice[] => {
    const { name } = object.metadata;
    if (named.has(name) || !isFree(object)) return [];
    const selector = scope.namespaceSelectors?.find((one) => choosesNamespace(one, object));
    if (!selector) return [];
    const { include, exclude } = selector;
    return [{ name, ...(include ? { include } : {}), ...(exclude ? { exclude } : {}) }];
  });
  return [...scope.namespaces, ...selected.sort((a, b) => (a.name < b.name ? -1 : 1))];
}

function choosesNamespace({ names, matchLabels, matchExpressions }: NamespaceSelector, object: KubeObject): boolean {
  const { name, labels } = object.metadata;
  if (names?.length && !names.some((pattern) => globMatches(pattern, name))) return false;
  const byLabel = matchLabels !== undefined || matchExpressions !== undefined;
  if (!byLabel) return Boolean(names?.length);
  return matchesLabels(
    { ...(matchLabels ? { matchLabels } : {}), ...(matchExpressions ? { matchExpressions } : {}) },
    labels,
  );
}
