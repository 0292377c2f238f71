import { toFault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KindRecord } from "../flow/recovery-point.ts";
import type { KubeClient, ResourcePath } from "../kube/contract.ts";
import { objectsOf } from "../kube/objects.ts";
import { crds, services } from "../kube/well-known.ts";
import type { CrdFact, ServiceFact, WebhookFact } from "../plan/preflight/facts.ts";
import { kindKey } from "../plan/restore-facts.ts";
import { versionsThatHold } from "../profiles/runs.ts";
import type { FactReader } from "./fact-reader.ts";

/** The definitions of the point's custom kinds, as they are in the target. A kind without one is no custom resource there. */
export async function readCrds(
  { client }: FactReader,
  kinds: readonly Pick<KindRecord, "group" | "kind" | "plural">[],
): Promise<ReadonlyMap<string, CrdFact>> {
  const names = new Map(kinds.map((one) => [`${one.plural}.${one.group}`, kindKey(one.group, one.kind)]));
  const found = new Map<string, CrdFact>();
  await Promise.all(
    [...names].map(async ([name, kind]) => {
      const object = await client.find(crds, name);
      if (object) found.set(kind, await crdFact(client, object));
    }),
  );
  return found;
}

async function crdFact(client: KubeClient, definition: KubeObject): Promise<CrdFact> {
  const { metadata, spec, status } = definition;
  const holdIn = versionsThatHold(definition);
  const conditions: { type: string; status: string; message?: string }[] = status?.conditions ?? [];
  const holds = (type: string) => conditions.find((one) => one.type === type)?.status === "True";
  const bad = conditions.find((one) => one.type !== "Terminating" && one.status === "False");
  const service = spec.conversion?.strategy === "Webhook" ? spec.conversion.webhook?.clientConfig?.service : undefined;
  return {
    name: metadata.name,
    established: holds("Established"),
    terminating: Boolean(metadata.deletionTimestamp) || holds("Terminating"),
    trouble: bad ? `${bad.type} is False${bad.message ? `: ${bad.message}` : ""}` : "",
    hasStatus: spec.versions.some((one: any) => one.subresources?.status),
    served: spec.versions.filter((one: any) => one.served).map((one: any) => one.name),
    storage: spec.versions.find((one: any) => one.storage)?.name ?? "",
    ...(holdIn ? { holdIn } : {}),
    ...(service ? { conversion: await serviceFact(client, service) } : {}),
  };
}

const slices: ResourcePath = { group: "discovery.k8s.io", version: "v1", plural: "endpointslices", namespaced: true };

async function serviceFact(
  client: KubeClient,
  { namespace, name }: { namespace: string; name: string },
): Promise<ServiceFact> {
  const service = await client.find(services, name, namespace);
  if (!service) return { namespace, name, exists: false, ready: 0 };
  // Somewhere else, by name: nothing to count.
  if (service.spec?.type === "ExternalName") return { namespace, name, exists: true, ready: 1 };
  const labels = `kubernetes.io/service-name=${name}`;
  const parts = await objectsOf(client, slices, { namespace, labels });
  const ready = parts
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint: any) => endpoint.conditions?.ready !== false).length;
  return { namespace, name, exists: true, ready };
}

const configurations = (plural: string): ResourcePath => ({
  group: "admissionregistration.k8s.io",
  version: "v1",
  plural,
});

/** All webhooks that judge the making of objects, with what stands behind them. */
export async function readWebhooks({ client }: FactReader): Promise<readonly WebhookFact[]> {
  const lists = await Promise.all(
    (["mutating", "validating"] as const).map(async (type) => {
      const objects = await objectsOf(client, configurations(`${type}webhookconfigurations`));
      return objects.flatMap((object) => (object.webhooks ?? []).map((one: any) => ({ type, object, one })));
    }),
  );
  const behind = new Map<string, Promise<ServiceFact | undefined>>();
  const ask = (service: { namespace: string; name: string }) => {
    const key = `${service.namespace}/${service.name}`;
    const answer = behind.get(key) ?? unlessForbidden(serviceFact(client, service));
    behind.set(key, answer);
    return answer;
  };
  return Promise.all(
    lists.flat().map(async ({ type, object, one }): Promise<WebhookFact> => {
      const service = one.clientConfig?.service ? await ask(one.clientConfig.service) : undefined;
      return {
        configuration: object.metadata.name,
        name: one.name,
        type,
        failClosed: one.failurePolicy !== "Ignore",
        rules: (one.rules ?? []).map((rule: any) => ({
          groups: rule.apiGroups ?? [],
          resources: rule.resources ?? [],
          operations: rule.operations ?? [],
        })),
        namespaceSelector: one.namespaceSelector ?? {},
        objectSelector: one.objectSelector ?? {},
        ...(service ? { service } : {}),
      };
    }),
  );
}

/** Who may see the webhook but not its Service cannot tell whether it answers; the rest can still be told. */
async function unlessForbidden<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (toFault(error).code === "FORBIDDEN") return undefined;
    throw error;
  }
}
