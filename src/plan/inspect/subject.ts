import type { Inventory } from "../../flow/inventory.ts";
import type { KubeObject } from "../../flow/object.ts";
import { keptIn } from "../../flow/object-list.ts";
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
  const kept = keptIn(objectSetOf(inventory.objects).all());
  return kept.find(({ ref }) => ref.kind === kind && ref.namespace === namespace && ref.name === name)?.object;
}
