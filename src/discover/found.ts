import type { Keep, Kept } from "../flow/kept.ts";
import type { ApiResource, KubeObject } from "../flow/object.ts";
import { redact } from "./redact.ts";

/** An object as it was read. */
export interface Found {
  readonly resource: ApiResource;
  /** Secrets with their values: lives only while discovery runs. */
  readonly kept: Kept;
  /** As the inventory shows it: a Secret without its values. */
  readonly shown: Kept;
  readonly because?: string;
}

export function foundBy(keep: Keep, resource: ApiResource, object: KubeObject, because?: string): Found {
  const kept = keep(object);
  const redacted = redact(object);
  const shown = redacted === object ? kept : keep(redacted);
  return { resource, kept, shown, ...(because ? { because } : {}) };
}
