/** How things are in the cluster now: what readiness is judged by. */
import { type KubeObject, type ObjectRef, refKey } from "../flow/object.ts";
import type { KubeClient, ResourcePath } from "../kube/contract.ts";
import { objectsOf } from "../kube/objects.ts";
import { pods, storageClasses } from "../kube/well-known.ts";
import { isKind, kinds } from "../profiles/kinds.ts";
import { isBelievedReady } from "./believed.ts";

/** So many of one kind are asked for one by one; more by a list. */
const fewOfAKind = 4;
export const endpointSlices: ResourcePath = {
  group: "discovery.k8s.io",
  version: "v1",
  plural: "endpointslices",
  namespaced: true,
};

/** The objects as they are, by refKey. What is not there is not in it. */
export async function liveOf(client: KubeClient, refs: readonly ObjectRef[]): Promise<Map<string, KubeObject>> {
  const live = new Map<string, KubeObject>();
  const groups = Map.groupBy(refs, ({ group, kind, namespace }) => `${kind}.${group} ${namespace}`);
  for (const group of groups.values()) {
    const [{ group: of, kind, namespace }] = group as [ObjectRef];
    const resource = await client.resource(of, kind);
    if (!resource) continue;
    const found =
      group.length > fewOfAKind
        ? await objectsOf(client, resource, namespace ? { namespace } : {})
        : await Promise.all(group.map((ref) => client.find(resource, ref.name, namespace)));
    for (const object of found) {
      if (object)
        live.set(refKey({ group: of, kind, ...(namespace ? { namespace } : {}), name: object.metadata.name }), object);
    }
  }
  return live;
}

export async function isReadyNow(client: KubeClient, live: KubeObject): Promise<boolean> {
  if (live.metadata.deletionTimestamp) return false;
  if (isKind(live, kinds.service)) return hasEndpoints(client, live);
  if (await isBelievedReady(client, live)) return true;
  return isKind(live, kinds.claim) && waitsForNobody(client, live);
}

/** Somebody answers behind the Service. */
async function hasEndpoints(client: KubeClient, { metadata: { name, namespace = "" } }: KubeObject): Promise<boolean> {
  const slices = await objectsOf(client, endpointSlices, { namespace, labels: `kubernetes.io/service-name=${name}` });
  return slices.some((slice) =>
    (slice.endpoints ?? []).some((one: { conditions?: { ready?: boolean } }) => one.conditions?.ready !== false),
  );
}

/** A class may make a volume only when a pod wants it. A claim that no pod uses (a stopped workbench) is as it should be. */
async function waitsForNobody(client: KubeClient, { metadata, spec, status }: KubeObject): Promise<boolean> {
  if (status?.phase === "Lost" || !spec?.storageClassName) return false;
  const storageClass = await client.find(storageClasses, spec.storageClassName);
  if (storageClass?.volumeBindingMode !== "WaitForFirstConsumer") return false;
  const users = (await objectsOf(client, pods, { namespace: metadata.namespace ?? "" })).filter((pod) =>
    (pod.spec?.volumes ?? []).some(
      (one: { persistentVolumeClaim?: { claimName?: string } }) =>
        one.persistentVolumeClaim?.claimName === metadata.name,
    ),
  );
  return users.length === 0;
}
