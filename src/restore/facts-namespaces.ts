import { type KubeObject, refKey, refOf } from "../flow/object.ts";
import type { KindRecord } from "../flow/recovery-point.ts";
import { objectsOf } from "../kube/objects.ts";
import type { HostFact, LimitFact, QuotaFact, SccFact } from "../plan/preflight/facts.ts";
import { hostsOf } from "../plan/preflight/hosts-of.ts";
import { kindKey } from "../plan/restore-facts.ts";
import { type FactReader, servedAs } from "./fact-reader.ts";

const core = (plural: string) => ({ group: "", version: "v1", plural, namespaced: true });

async function ofNamespaces({ client, namespaces }: FactReader, plural: string): Promise<KubeObject[]> {
  if (!namespaces) return objectsOf(client, core(plural));
  const lists = namespaces.map((namespace) => objectsOf(client, core(plural), { namespace }));
  return (await Promise.all(lists)).flat();
}

export async function readQuotas(reader: FactReader): Promise<readonly QuotaFact[]> {
  return (await ofNamespaces(reader, "resourcequotas")).map(({ metadata, spec = {}, status = {} }) => ({
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    scoped: Boolean(spec.scopes?.length || spec.scopeSelector),
    hard: status.hard ?? spec.hard ?? {},
    used: status.used ?? {},
  }));
}

export async function readLimits(reader: FactReader): Promise<readonly LimitFact[]> {
  return (await ofNamespaces(reader, "limitranges")).flatMap(({ metadata, spec = {} }) =>
    (spec.limits ?? []).map((one: any) => ({
      namespace: metadata.namespace ?? "",
      name: metadata.name,
      type: one.type,
      min: one.min ?? {},
      max: one.max ?? {},
      defaults: one.default ?? {},
      defaultRequests: one.defaultRequest ?? {},
      ratio: one.maxLimitRequestRatio ?? {},
    })),
  );
}

/** undefined where the cluster knows no such thing (it is no OpenShift). */
export async function readSccs(reader: FactReader): Promise<readonly SccFact[] | undefined> {
  const resource = servedAs(reader, "security.openshift.io", "SecurityContextConstraints");
  if (!resource) return undefined;
  return (await objectsOf(reader.client, resource)).map((one) => ({
    name: one.metadata.name,
    privileged: one.allowPrivilegedContainer === true,
    hostNetwork: one.allowHostNetwork === true,
    hostPid: one.allowHostPID === true,
    hostIpc: one.allowHostIPC === true,
    hostPorts: one.allowHostPorts === true,
    runAsUser: one.runAsUser?.type ?? "MustRunAsRange",
    uidRange: { min: one.runAsUser?.uidRangeMin, max: one.runAsUser?.uidRangeMax, uid: one.runAsUser?.uid },
    capabilities: [...(one.allowedCapabilities ?? []), ...(one.defaultAddCapabilities ?? [])],
    volumes: one.volumes ?? [],
    users: one.users ?? [],
    groups: one.groups ?? [],
  }));
}

const hostKinds = [
  ["networking.k8s.io", "Ingress"],
  ["route.openshift.io", "Route"],
  ["gateway.networking.k8s.io", "Gateway"],
  ["gateway.networking.k8s.io", "HTTPRoute"],
] as const;

/** Hosts that are in use, of all namespaces; nothing is read where the point has nothing that takes a host. */
export async function readHosts(
  reader: FactReader,
  records: readonly Pick<KindRecord, "group" | "kind">[],
): Promise<readonly HostFact[]> {
  const held = new Set(records.map((one) => kindKey(one.group, one.kind)));
  if (!hostKinds.some(([group, kind]) => held.has(kindKey(group, kind)))) return [];
  const lists = hostKinds.map(async ([group, kind]) => {
    const resource = servedAs(reader, group, kind);
    return resource ? objectsOf(reader.client, resource) : [];
  });
  return (await Promise.all(lists))
    .flat()
    .flatMap((object) => hostsOf(object).map((one) => ({ ...one, by: refKey(refOf(object)) })));
}
