import type { Edge } from "../../flow/inventory.ts";
import { type KubeObject, refKey, refOf } from "../../flow/object.ts";
import { isKind, kinds } from "../kinds.ts";
import type { GroupKind } from "../profile.ts";
import type { RelationContext } from "./context.ts";

const storageClass: GroupKind = { group: "storage.k8s.io", kind: "StorageClass" };
const snapshotClass: GroupKind = { group: "snapshot.storage.k8s.io", kind: "VolumeSnapshotClass" };
const definition: GroupKind = { group: "apiextensions.k8s.io", kind: "CustomResourceDefinition" };

/** Classes and the drivers behind them; custom resources and what defines them. */
export function classRelations(object: KubeObject, { all, resources }: RelationContext): readonly Edge[] {
  if (isKind(object, snapshotClass)) return snapshotsOf(object, all);
  if (isKind(object, definition)) return conversionOf(object);
  const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0]! : "";
  if (!group.includes(".") || !object.metadata.namespace) return [];
  const resource = resources.find((one) => one.kind === object.kind && one.group === group);
  const name = resource && `${resource.plural}.${group}`;
  if (!name || !all.has({ ...definition, name })) return [];
  return [{ from: refKey(refOf(object)), to: refKey({ ...definition, name }), kind: "needs", rule: "definition" }];
}

/** A snapshot class is for the classes of its driver, and for volumes that have no class. */
function snapshotsOf(object: KubeObject, all: RelationContext["all"]): readonly Edge[] {
  const to = refKey(refOf(object));
  const edges: Edge[] = [];
  const add = (one: KubeObject) =>
    edges.push({ from: refKey(refOf(one)), to, kind: "needs", rule: "volumeSnapshotClass.driver" });
  for (const one of all.ofKind(storageClass.group, storageClass.kind)) if (one.provisioner === object.driver) add(one);
  for (const one of all.ofKind("", kinds.volume.kind)) {
    const { csi, storageClassName: name } = one.spec ?? {};
    if (csi?.driver === object.driver && !(name && all.has({ ...storageClass, name }))) add(one); // else its class leads there
  }
  return edges;
}

/** The server asks this Service whenever an object is in another version than it is stored in. */
function conversionOf(object: KubeObject): readonly Edge[] {
  const service = object.spec?.conversion?.webhook?.clientConfig?.service;
  if (!service?.name) return [];
  const to = refKey({ ...kinds.service, namespace: service.namespace, name: service.name });
  return [{ from: refKey(refOf(object)), to, kind: "needs", rule: "definition.conversion.webhook" }];
}
