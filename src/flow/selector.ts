import { type KubeObject, refOf } from "./object.ts";

/** Chooses objects, with the field names that people in this field know. An object that any entry chooses is chosen. */
export interface Selector {
  readonly gvkSelector?: readonly GvkSelector[];
  readonly labelSelector?: readonly LabelSelector[];
}

export interface GvkSelector {
  /**
   * `group: ""` is the core group; so is no group beside a version, as in {kind: Service, version: v1}. A kind alone chooses
   * it in every group. The version chooses nothing: all versions of a kind are the same objects.
   */
  readonly groupVersionKind: { readonly group?: string; readonly version?: string; readonly kind?: string };
  /** Names. None, or an empty list, chooses all objects of the kind. */
  readonly objects?: readonly string[];
  /** Narrows further: objects of the kind that also carry such labels. */
  readonly labelSelector?: readonly LabelSelector[];
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string; // In, NotIn, Exists, DoesNotExist
    readonly values?: readonly string[];
  }[];
}

/** True where the selector has nothing in it: it neither includes nor excludes anything. */
export function isEmpty(selector: Selector | undefined): boolean {
  return !selector?.gvkSelector?.length && !selector?.labelSelector?.length;
}

/** Does `selector` choose `object`? An empty selector chooses nothing. */
export function matches(selector: Selector | undefined, object: KubeObject): boolean {
  if (!selector) return false;
  const byKind = selector.gvkSelector?.some((one) => matchesKind(one, object)) ?? false;
  return byKind || (selector.labelSelector?.some((one) => matchesLabels(one, object)) ?? false);
}

/** What a plan keeps: in `include` (an empty one includes everything) and not in `exclude`. */
export function isChosen(object: KubeObject, include: Selector | undefined, exclude: Selector | undefined): boolean {
  return (isEmpty(include) || matches(include, object)) && !matches(exclude, object);
}

function matchesKind(selector: GvkSelector, object: KubeObject): boolean {
  const { group, version, kind } = selector.groupVersionKind;
  const ref = refOf(object);
  if (kind && kind !== ref.kind) return false;
  const wanted = group ?? (version ? "" : undefined);
  if (wanted !== undefined && wanted !== ref.group) return false;
  if (selector.objects?.length && !selector.objects.includes(ref.name)) return false;
  return !selector.labelSelector?.length || selector.labelSelector.some((one) => matchesLabels(one, object));
}

function matchesLabels(selector: LabelSelector, object: KubeObject): boolean {
  const labels = object.metadata.labels ?? {};
  const wanted = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  if (wanted.length === 0 && expressions.length === 0) return false;
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    expressions.every((one) => matchesExpression(one, labels[one.key]))
  );
}

function matchesExpression(
  expression: { readonly operator: string; readonly values?: readonly string[] },
  value: string | undefined,
): boolean {
  const values = expression.values ?? [];
  switch (expression.operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
