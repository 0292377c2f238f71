import type { Inventory } from "../flow/inventory.ts";
import { keptAt, sourceOf, traitsOf } from "../flow/kept.ts";
import { type KubeObject, refKey, refOf } from "../flow/object.ts";

const most = 200;
/** They change every few seconds by design. */
const restless = new Set(["Lease", "Endpoints", "EndpointSlice"]);

export interface Skew {
  seen(object: KubeObject): void;
  /** The names of those that changed; bounded. */
  changed(): readonly string[];
  /** How many changed in what a restore writes, and how many in their status only. */
  counts(): { readonly content: number; readonly status: number };
}

/** Objects that changed between the first look (inventory) and the last (the lists that were stored). Pure. */
export function skewOf(inventory: Inventory): Skew {
  // By uid: one that was made anew in between has changed, too.
  const first = new Map(inventory.objects.map((one) => [one.uid ?? refKey(one.ref), one]));
  const changed: string[] = [];
  let inStatus = 0;
  return {
    seen(object) {
      if (restless.has(object.kind)) return;
      const key = refKey(refOf(object));
      const before = first.get(object.metadata.uid ?? key);
      if (before && traitsOf(keptAt(before, "object")!).version === object.metadata.resourceVersion) return;
      if (before && object.kind === "PersistentVolumeClaim" && content(before.object) === content(object)) return;
      if (before && written(sourceOf(before)!.object) === written(object)) inStatus++;
      changed.push(key);
    },
    counts: () => ({ content: changed.length - inStatus, status: inStatus }),
    changed() {
      const sorted = changed.sort();
      return sorted.length <= most ? sorted : [...sorted.slice(0, most), `and ${sorted.length - most} more`];
    },
  };
}

/** Clocks and heartbeats that no restore writes back. */
const restlessAnnotations = new Set([
  "control-plane.alpha.kubernetes.io/leader",
  "notebooks.kubeflow.org/last-activity",
  "notebooks.kubeflow.org/last_activity_check_timestamp",
]);

/** Without what its controllers say of it. */
function written({ metadata, status: _status, apiVersion: _api, kind: _kind, ...rest }: KubeObject): string {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => !restlessAnnotations.has(name));
  return content({ ...rest, metadata: { ...metadata, annotations: Object.fromEntries(annotations) } } as KubeObject);
}

/** Without what the snapshot controller does to a claim while it is being cut: a finalizer comes and goes. */
function content({ metadata, ...rest }: KubeObject): string {
  const { resourceVersion: _version, managedFields: _fields, finalizers: _finalizers, ...meta } = metadata;
  return JSON.stringify([meta, rest]);
}
