import type { KubeObject } from "../flow/object.ts";

/** Writes down what a rule took away or turned off, so that a person can put it back: annotation holdfast.dev/was-<what>. */
export function noted(object: KubeObject, what: string, was: unknown): KubeObject {
  const text = typeof was === "string" ? was : JSON.stringify(was);
  object.metadata.annotations = { ...object.metadata.annotations, [`holdfast.dev/was-${what}`]: text };
  return object;
}
