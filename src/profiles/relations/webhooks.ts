import type { Edge } from "../../flow/inventory.ts";
import { type ApiResource, type KubeObject, refKey, refOf } from "../../flow/object.ts";
import { type LabelSelector, selects } from "../../flow/label-selector.ts";
import { kinds } from "../kinds.ts";
import type { RelationContext } from "./context.ts";

const group = "admissionregistration.k8s.io";
export const webhookKinds = ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"] as const;

/** Who is asked before objects of the namespaces are written, and where it runs. */
export function webhookRelations(object: KubeObject, context: RelationContext): readonly Edge[] {
  if (!isWebhooks(object)) return [];
  const self = refKey(refOf(object));
  const edges: Edge[] = [];
  for (const webhook of object.webhooks ?? []) {
    const matched = context.resources.filter((one) => asks(webhook, one));
    if (matched.length === 0) continue;
    for (const { plural, group } of matched) {
      const definition = {
        group: "apiextensions.k8s.io",
        kind: "CustomResourceDefinition",
        name: `${plural}.${group}`,
      };
      if (context.all.has(definition))
        edges.push({ from: refKey(definition), to: self, kind: "needs", rule: "webhook.rules" });
    }
    for (const namespace of context.namespaces.filter((name) => isAskedIn(webhook, name, context)))
      edges.push({ from: `Namespace ${namespace}`, to: self, kind: "needs", rule: "webhook.rules" });
    const service = webhook.clientConfig?.service;
    if (service?.name) {
      const to = refKey({ ...kinds.service, namespace: service.namespace, name: service.name });
      edges.push({ from: self, to, kind: "needs", rule: "webhook.clientConfig.service" });
    }
  }
  return [...new Map(edges.map((edge) => [`${edge.from}\0${edge.to}`, edge])).values()];
}

/** Would a write of some kind of these, in one of these namespaces, ask one of its webhooks? */
export function asksAbout(
  object: KubeObject,
  resources: readonly ApiResource[],
  namespaceLabels: readonly Readonly<Record<string, string>>[],
): boolean {
  if (!isWebhooks(object)) return false;
  return (object.webhooks ?? []).some(
    (webhook: Webhook) =>
      resources.some((one) => asks(webhook, one)) && namespaceLabels.some((labels) => fits(webhook, labels)),
  );
}

interface Webhook {
  readonly rules?: readonly {
    readonly apiGroups?: readonly string[];
    readonly resources?: readonly string[];
    readonly scope?: string;
  }[];
  readonly namespaceSelector?: LabelSelector;
  readonly clientConfig?: { readonly service?: { readonly namespace: string; readonly name: string } };
}

function isWebhooks({ apiVersion, kind }: KubeObject): boolean {
  return apiVersion.startsWith(`${group}/`) && (webhookKinds as readonly string[]).includes(kind);
}

function asks({ rules = [] }: Webhook, resource: ApiResource): boolean {
  return rules.some(
    ({ apiGroups = [], resources = [], scope = "*" }) =>
      (apiGroups.includes("*") || apiGroups.includes(resource.group)) &&
      resources.some((one) => one === "*" || one === "*/*" || one === resource.plural) &&
      scope !== (resource.namespaced ? "Cluster" : "Namespaced"),
  );
}

function isAskedIn(webhook: Webhook, namespace: string, { all }: RelationContext): boolean {
  return fits(webhook, all.get({ ...kinds.namespace, name: namespace })?.metadata.labels ?? {});
}

function fits({ namespaceSelector }: Webhook, labels: Readonly<Record<string, string>>): boolean {
  return selects(namespaceSelector ?? {}, labels);
}
