import type { Inventory } from "../flow/inventory.ts";
import { keptAt, traitsOf } from "../flow/kept.ts";
import { type KubeObject, refKey, refOf } from "../flow/object.ts";

const most = 200;
/** They change every few seconds by design. */
const restless = new Set(["Lease", "Endpoints", "EndpointSlice"]);

/** Objects that changed between the first look (inventory) and the last (the lists that were stored). Bounded. Pure. */
export function skewOf(inventory: Inventory): { seen(object: KubeObject): void; changed(): readonly string[] } {
  // By uid: one that was made anew in between has changed, too.
  const first = new Map(inventory.objects.map((one) => [one.uid ?? refKey(one.ref), one]));
  const changed: string[] = [];
  return {
    seen(object) {
      if (restless.has(object.kind)) return;
      const key = refKey(refOf(object));
      const before = first.get(object.metadata.uid ?? key);
      if (before && traitsOf(keptAt(before, "object")!).version === object.metadata.resourceVersion) return;
      if (before && object.kind === "PersistentVolumeClaim" && content(before.object) === content(object)) return;
      changed.push(key);
    },
    changed() {
      const sorted = changed.sort();
      return sorted.length <= most ? sorted : [...sorted.slice(0, most), `and ${sorted.length - most} more`];
    },
  };
}

/** Without what the snapshot controller does to a claim while it is being cut: a finalizer comes and goes. */
function content({ metadata, ...rest }: KubeObject): string {
  const { resourceVersion: _version, managedFields: _fields, finalizers: _finalizers, ...meta } = metadata;
  return JSON.stringify([meta, rest]);
}
