import type { Edge } from "../../flow/inventory.ts";
import { type KubeObject, refKey, refOf } from "../../flow/object.ts";
import { isKind, kinds } from "../kinds.ts";
import { storageUrisOf } from "../kserve.ts";
import { containersOf, podSpecsOf } from "../pod-spec.ts";
import type { RelationContext } from "./context.ts";

/** A host of the cluster's own DNS: <service>.<namespace>.svc. */
const serviceHost = /\b([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\.([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\.svc\b/g;

/** What URIs point to: models that are loaded from outside, images that hold models, Services by their host names. */
export function uriRelations(object: KubeObject, { all, namespaces }: RelationContext): readonly Edge[] {
  if (!object.metadata.namespace) return [];
  const from = refKey(refOf(object));
  const models = isKind(object, kinds.inferenceService) ? storageUrisOf(object) : [];
  const loaded = models.flatMap((uri): readonly Edge[] => {
    if (/^(s3|pvc):\/\//.test(uri)) return []; // a bucket or a claim, by other rules
    const to = uri.startsWith("oci://") ? `image:${uri.slice("oci://".length)}` : `uri:${uri}`;
    return [{ from, to, kind: "reads", rule: "inferenceService.storageUri" }];
  });
  return [
    ...loaded,
    ...hostsOf(
      object,
      from,
      (name, namespace) => !namespaces.includes(namespace) || all.has({ ...kinds.service, namespace, name }),
    ),
  ];
}

function hostsOf(
  object: KubeObject,
  from: string,
  isKnown: (name: string, namespace: string) => boolean,
): readonly Edge[] {
  const found = new Set<string>();
  for (const container of podSpecsOf(object).flatMap(containersOf)) {
    const texts = [
      ...(container.env ?? []).map((one: any) => one.value),
      ...(container.command ?? []),
      ...(container.args ?? []),
    ];
    for (const text of texts) {
      if (typeof text !== "string" || !text.includes(".svc")) continue;
      for (const [, name = "", namespace = ""] of text.matchAll(serviceHost))
        if (isKnown(name, namespace)) found.add(refKey({ ...kinds.service, namespace, name }));
    }
  }
  return [...found].map((to): Edge => ({ from, to, kind: "needs", rule: "pod.containers.serviceHost" }));
}
