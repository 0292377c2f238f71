/** What a person asked for and what fits nothing: usually a misspelt kind or name, and then something else happens than was meant. */
import type { Finding } from "../base/finding.ts";
import type { KubeObject } from "../flow/object.ts";
import { type GvkSelector, matches, type Selector } from "../flow/selector.ts";
import { textsOf } from "../flow/strings.ts";
import { type Decided, isWritten } from "./restore-decided.ts";
import type { RestoreComponent } from "./restore-options.ts";
import { replaceHosts } from "./restore-rules/hosts.ts";
import { mapImage } from "./restore-rules/image-registry.ts";

interface Input {
  readonly decided: readonly Decided[];
  readonly components: readonly RestoreComponent[];
}

/** One thing that was asked for, in all components that ask for the same. */
interface Asked {
  readonly field: string;
  readonly text: string;
  readonly of: Set<RestoreComponent>;
  fits(one: Decided, texts: () => readonly string[]): boolean;
}

export function unusedFindings({ decided, components }: Input): Finding[] {
  const open = new Map<string, Asked>();
  for (const component of components) for (const one of askedOf(component)) join(open, one, component);
  for (const one of decided) {
    if (open.size === 0) return [];
    let read: readonly string[] | undefined; // once, and only where somebody asks
    const texts = () => (read ??= textsOf(one.original));
    for (const [key, asked] of open) if (asked.of.has(one.component) && asked.fits(one, texts)) open.delete(key);
  }
  return [...open.values()].map(({ field, text }) => ({
    code: "CHOICE_UNUSED",
    severity: "warning",
    subject: `${field} ${text}`,
    message: "it fits nothing of the recovery point, and so does nothing",
    advice: "look how it is written: kinds, groups and names are those of the point (holdfast describe)",
  }));
}

function join(open: Map<string, Asked>, asked: Omit<Asked, "of">, component: RestoreComponent): void {
  const key = `${asked.field} ${asked.text}`;
  const known = open.get(key);
  if (known) known.of.add(component);
  else open.set(key, { ...asked, of: new Set([component]) });
}

function askedOf(component: RestoreComponent): Omit<Asked, "of">[] {
  const { include, exclude, onConflict, storageClassMap, imageRegistryMap = {}, hostMap = {} } = component;
  return [
    ...choices("resourceSelector", include),
    ...choices("excludeResourceSelector", exclude),
    ...(onConflict?.rules ?? []).flatMap(({ mode, resources }) => choices(`onConflict ${mode}`, resources)),
    ...maps("storageClassMap", storageClassMap, (from, text) => text === from),
    ...maps("imageRegistryMap", imageRegistryMap, (from, text) => mapImage(text, { [from]: "" }) !== undefined),
    ...maps("hostMap", hostMap, (from, text) => replaceHosts(text, { [from]: "" }) !== text),
  ];
}

/** Kinds and names are told from the names of objects; only labels need a look at them. */
function choices(field: string, { gvkSelector = [], labelSelector = [] }: Selector = {}): Omit<Asked, "of">[] {
  return [
    ...gvkSelector.map((one) => ({
      field,
      text: kindText(one),
      fits: (decided: Decided) =>
        matches({ gvkSelector: [one] }, one.labelSelector ? decided.original : named(decided)),
    })),
    ...labelSelector.map((one) => ({
      field,
      text: JSON.stringify(one),
      fits: ({ original }: Decided) => matches({ labelSelector: [one] }, original),
    })),
  ];
}

function named({ ref: { group, kind, name } }: Decided): KubeObject {
  return { apiVersion: group ? `${group}/v1` : "v1", kind, metadata: { name } };
}

function kindText({ groupVersionKind: { group, kind }, objects }: GvkSelector): string {
  const names = objects?.length ? `/${objects.join(",")}` : "";
  return `${kind ?? "*"}${group ? `.${group}` : ""}${names}`;
}

function maps(
  field: string,
  map: Readonly<Record<string, string>>,
  fits: (from: string, text: string) => boolean,
): Omit<Asked, "of">[] {
  return Object.keys(map).map((from) => ({
    field,
    text: `${from}=${map[from]}`,
    fits: (one, texts) => isWritten(one) && texts().some((text) => fits(from, text)),
  }));
}
