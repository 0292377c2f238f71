/** The walkthrough's platform as an inventory, for tests: assembled as discovery does it. */
import type { Inventory } from "../flow/inventory.ts";
import { keepAsIs } from "../flow/kept.ts";
import { type ApiResource, type KubeObject, refOf } from "../flow/object.ts";
import { app, registries, walkthrough } from "../profiles/walkthrough.sample.ts";
import { assemble } from "./assemble.ts";
import { foundBy } from "./found.ts";

/** Kinds that a server has even where there are no objects. */
const looked: readonly ApiResource[] = [
  "Secret",
  "ConfigMap",
  "Service",
  "ServiceAccount",
  "PersistentVolumeClaim",
].map((kind) => resourceOf({ apiVersion: "v1", kind, metadata: { name: "", namespace: "x" } }));

export const emptyInventory: Inventory = inventoryOf([]);

export function walkthroughInventory(...more: readonly KubeObject[]): Inventory {
  return inventoryOf([...walkthrough(), ...more]);
}

export function inventoryOf(objects: readonly KubeObject[]): Inventory {
  const found = objects.map((object) => foundBy(keepAsIs, resourceOf(object), object));
  return assemble({
    takenAt: "2026-11-20T12:00:00Z",
    cluster: { uid: "cluster", version: "v1.34.4" },
    namespaces: [app, registries],
    resources: [...looked, ...found.map((one) => one.resource)],
    found,
    unreached: [],
  });
}

function resourceOf(object: KubeObject): ApiResource {
  const { group, kind } = refOf(object);
  return {
    group,
    version: "v1",
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced: object.metadata.namespace !== undefined,
    verbs: ["list"],
  };
}
