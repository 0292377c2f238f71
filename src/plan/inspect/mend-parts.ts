import { shellWord } from "../../base/shell-word.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { type KubeObject, refOf, resourceName } from "../../flow/object.ts";
import { kinds } from "../../profiles/kinds.ts";
import { type ObjectSet, objectSetOf } from "../../profiles/object-set.ts";

/** JSON as one word of a shell. */
export function shellJson(value: unknown): string {
  return shellWord(JSON.stringify(value));
}

/** A command that makes a claim of 20 GiB, of the default class. */
export function newClaim(namespace: string, name: string): string {
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "20Gi" } } },
  };
  return `echo ${shellJson(claim)} | kubectl apply -f -`;
}

/** "pytorchjobs.kubeflow.org": a kind's name alone may mean another group's. */
export function resourceOf({ object, inventory }: WithObject): string {
  if (!object) return "";
  const { group, kind } = refOf(object);
  const resource = inventory.resources.find((one) => one.kind === kind && one.group === group);
  return resource ? resourceName(resource) : kind.toLowerCase();
}

interface WithObject {
  readonly object: KubeObject | undefined;
  readonly inventory: Inventory;
}

/** A running pod of an object: itself, or one that it owns through however many others. */
export function podOf({ object, inventory }: WithObject): string | undefined {
  if (!object) return undefined;
  const all = objectSetOf(inventory.objects);
  const { uid, namespace } = object.metadata;
  const pod = all
    .ofKind(kinds.pod.group, kinds.pod.kind, namespace)
    .find((one) => one.status?.phase === "Running" && isUnder(one, uid, all));
  return pod?.metadata.name;
}

/** Owners are few and chains short; an end for one that runs in a circle. */
const deepest = 6;

function isUnder(object: KubeObject, uid: string | undefined, all: ObjectSet): boolean {
  let one: KubeObject | undefined = object;
  for (let depth = 0; one && depth < deepest; depth++) {
    if (one.metadata.uid === uid) return true;
    const owner: string | undefined = one.metadata.ownerReferences?.find((each) => each.controller)?.uid;
    one = owner ? all.byUid(owner) : undefined;
  }
  return false;
}
