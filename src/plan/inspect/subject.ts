import type { Inventory } from "../../flow/inventory.ts";
import type { KubeObject } from "../../flow/object.ts";
import { objectSetOf } from "../../profiles/object-set.ts";

/** What a finding is about, taken apart. */
export interface Subject {
  readonly namespace?: string;
  readonly kind?: string;
  readonly name: string;
}

/** "rhoai-demo Notebook/bench", "Secret rhoai-demo/keys", "Kind.group rhoai-demo/name", "bucket models". */
export function subjectOf(text: string): Subject {
  const [, namespace, kind, name] = /^(\S+) ([A-Z][A-Za-z]*)\/(\S+)$/.exec(text) ?? [];
  if (namespace && kind && name) return { namespace, kind, name };
  const [, kindOfKey, home, called] = /^([A-Z][A-Za-z]*)(?:\.\S+)? ([^/\s]+)\/(\S+)$/.exec(text) ?? [];
  if (kindOfKey && home && called) return { kind: kindOfKey, namespace: home, name: called };
  return { name: text.replace(/^(bucket|namespace) /, "") };
}

export function objectOf(subject: Subject, inventory: Inventory): KubeObject | undefined {
  const { namespace, kind, name } = subject;
  if (!kind) return undefined;
  const all = objectSetOf(inventory.objects);
  // Two groups may have a kind of this name: the finding says which by what it is about.
  const groups = new Set(inventory.resources.flatMap((one) => (one.kind === kind ? one.group : [])));
  for (const group of groups) {
    const object = all.get({ group, kind, name, ...(namespace ? { namespace } : {}) });
    if (object) return object;
  }
  return undefined;
}
