import type { Edge } from "../../flow/inventory.ts";
import { type KubeObject, refKey, refOf } from "../../flow/object.ts";
import { plainUri } from "../../flow/plain-uri.ts";
import { urisOf } from "../index.ts";
import { kinds } from "../kinds.ts";
import { containersOf, podSpecsOf } from "../pod-spec.ts";
import { parseClaimUri } from "../uri-uses.ts";
import type { RelationContext } from "./context.ts";

/** A host of the cluster's own DNS: <service>.<namespace>.svc. */
const serviceHost = /\b([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\.([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\.svc\b/g;
/** Buckets, and Services, are led to by other rules. */
const elsewhere = /^(s3|minio):\/\/|^https?:\/\/[^/]+\.svc\b/;

/** What URIs point to: models that are loaded from outside, images that hold models, Services by their host names. */
export function uriRelations(object: KubeObject, { all, namespaces, images }: RelationContext): readonly Edge[] {
  const { namespace } = object.metadata;
  if (!namespace) return [];
  const from = refKey(refOf(object));
  const loaded = urisOf(object).flatMap(({ text, rule }): readonly Edge[] => {
    if (!text.includes("://") || elsewhere.test(text)) return []; // a path of the container, a Service
    const inClaim = parseClaimUri(text);
    if (inClaim) {
      const { claim: name, path } = inClaim;
      return path ? [{ from, to: refKey({ ...kinds.claim, namespace, name }), kind: "mounts", rule, part: path }] : [];
    }
    const image = /^(?:oci|docker):\/\/(.+)$/.exec(text)?.[1];
    const to = image ? `image:${images.get(`${namespace} ${image}`) ?? image}` : `uri:${plainUri(text)}`;
    return [{ from, to, kind: "reads", rule, ...(image ? { part: text } : {}) }];
  });
  return [
    ...loaded,
    ...hostsOf(
      object,
      from,
      (name, home) => !namespaces.includes(home) || all.has({ ...kinds.service, namespace: home, name }),
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
