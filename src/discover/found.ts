import type { Keep, Kept } from "../flow/kept.ts";
import type { ApiResource, KubeObject } from "../flow/object.ts";
import { isLeaf } from "../profiles/leaf.ts";
import { redact } from "./redact.ts";

/** An object as it was read. */
export interface Found {
  readonly resource: ApiResource;
  /** Secrets with their values: discovery looks at them, and capture takes their bytes (`sourceOf`). */
  readonly kept: Kept;
  /** As the inventory shows it: a Secret without its values. */
  readonly shown: Kept;
  /** Leans on nothing: it need not be read again for the graph. */
  readonly isLeaf?: boolean;
  readonly because?: string;
}

export function foundBy(
  keep: Keep,
  resource: ApiResource,
  object: KubeObject,
  because?: string,
  bytes?: Buffer,
): Found {
  const kept = keep(object, undefined, bytes);
  const redacted = redact(object);
  const shown = redacted === object ? kept : keep(redacted);
  return { resource, kept, shown, isLeaf: isLeaf(object), ...(because ? { because } : {}) };
}
