import { globMatches } from "../base/glob.ts";
import { type LabelSelector, selects } from "./label-selector.ts";
import { type KubeObject, refOf } from "./object.ts";

/**
 * Chooses objects, with the field names that people in this field know. Entries add up: an object that any entry chooses is
 * chosen, and `allOf` as a whole is one entry. Names, kinds and groups may have wildcards: * ? [abc].
 */
export interface Selector {
  readonly gvkSelector?: readonly GvkSelector[];
  readonly labelSelector?: readonly LabelSelector[];
  /** Objects that one of these chooses. */
  readonly anyOf?: readonly Selector[];
  /** Objects that every one of these chooses. */
  readonly allOf?: readonly Selector[];
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

/** True where the selector has nothing in it: it neither includes nor excludes anything. */
export function isEmpty(selector: Selector | undefined): boolean {
  return entriesOf(selector).length === 0;
}

/** Does `selector` choose `object`? An empty selector chooses nothing. */
export function matches(selector: Selector | undefined, object: KubeObject): boolean {
  return matchedBy(selector, object) !== undefined;
}

/** The first entry that chooses `object`, as a path: "gvkSelector[1]", "anyOf[0].labelSelector[2]", "allOf". */
export function matchedBy(selector: Selector | undefined, object: KubeObject): string | undefined {
  for (const [path, chooses] of entriesOf(selector)) {
    const inner = chooses(object);
    if (inner !== undefined) return inner ? `${path}.${inner}` : path;
  }
  return undefined;
}

/** Could it choose objects of this kind at all? By labels alone it could choose any. */
export function mayChooseKind(selector: Selector | undefined, kind: { group: string; kind: string }): boolean {
  if (!selector) return false;
  const { gvkSelector = [], labelSelector = [], anyOf = [], allOf = [] } = selector;
  return (
    labelSelector.length > 0 ||
    gvkSelector.some((one) => isKindOf(one, kind)) ||
    anyOf.some((one) => mayChooseKind(one, kind)) ||
    (allOf.length > 0 && allOf.every((one) => mayChooseKind(one, kind)))
  );
}

/** Answers the path inside of the entry, "" where it has none, undefined where it does not choose the object. */
type Entry = readonly [path: string, chooses: (object: KubeObject) => string | undefined];

function entriesOf(selector: Selector | undefined): readonly Entry[] {
  const { gvkSelector = [], labelSelector = [], anyOf = [], allOf = [] } = selector ?? {};
  const whole = (chosen: boolean) => (chosen ? "" : undefined);
  return [
    ...gvkSelector.map((one, at): Entry => [`gvkSelector[${at}]`, (object) => whole(matchesKind(one, object))]),
    ...labelSelector.map(
      (one, at): Entry => [`labelSelector[${at}]`, ({ metadata }) => whole(matchesLabels(one, metadata.labels))],
    ),
    ...anyOf.map((one, at): Entry => [`anyOf[${at}]`, (object) => matchedBy(one, object)]),
    ...(allOf.length > 0
      ? [["allOf", (object: KubeObject) => whole(allOf.every((one) => matches(one, object)))] as Entry]
      : []),
  ];
}

function matchesKind(selector: GvkSelector, object: KubeObject): boolean {
  const ref = refOf(object);
  if (!isKindOf(selector, ref)) return false;
  if (selector.objects?.length && !selector.objects.some((name) => globMatches(name, ref.name))) return false;
  const { labelSelector } = selector;
  return !labelSelector?.length || labelSelector.some((one) => matchesLabels(one, object.metadata.labels));
}

function isKindOf(selector: GvkSelector, ref: { group: string; kind: string }): boolean {
  const { group, version, kind } = selector.groupVersionKind;
  if (kind && !globMatches(kind, ref.kind)) return false;
  const wanted = group ?? (version ? "" : undefined);
  return wanted === undefined || globMatches(wanted, ref.group);
}

/** An empty label selector chooses nothing. */
export function matchesLabels(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>> | undefined = {},
): boolean {
  const isEmptyOne = Object.keys(selector.matchLabels ?? {}).length === 0 && !selector.matchExpressions?.length;
  return !isEmptyOne && selects(selector, labels);
}
