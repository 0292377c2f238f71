import { shellWord } from "../../base/shell-word.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { controllerOf, type KubeObject, refOf, resourceName } from "../../flow/object.ts";
import { kinds } from "../../profiles/kinds.ts";
import { objectSetOf, oncePerSet } from "../../profiles/object-set.ts";

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
  const { uid } = object?.metadata ?? {};
  return uid ? podsByOwner(objectSetOf(inventory.objects)).get(uid) : undefined;
}

/** Owners are few and chains short; an end for one that runs in a circle. */
const deepest = 6;

/** By the uid of the pod and of each of its owners, so that pods are looked at once, however many faults there are. */
const podsByOwner = oncePerSet((all): ReadonlyMap<string, string> => {
  const pods = new Map<string, string>();
  for (const pod of all.ofKind(kinds.pod.group, kinds.pod.kind)) {
    if (pod.status?.phase !== "Running") continue;
    let one: KubeObject | undefined = pod;
    for (let depth = 0; one && depth < deepest; depth++) {
      if (one.metadata.uid) pods.set(one.metadata.uid, pod.metadata.name);
      const owner: string | undefined = controllerOf(one)?.uid;
      one = owner ? all.byUid(owner) : undefined;
    }
  }
  return pods;
});
