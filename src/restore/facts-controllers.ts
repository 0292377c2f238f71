import type { Hardware } from "../flow/hardware.ts";
import type { KubeObject } from "../flow/object.ts";
import { objectsOf } from "../kube/objects.ts";
import { pods as podResource } from "../kube/well-known.ts";
import type { ControllerFact, CrdFact } from "../plan/preflight/facts.ts";
import { registryOf } from "../plan/preflight/image-names.ts";
import { requestsOf } from "../plan/preflight/pods.ts";
import type { FactReader } from "./fact-reader.ts";

/** More than this say nothing new of accounts and registries, and the list of a big cluster takes long. */
const mostPods = 5000;

export interface PodsFact {
  /** "<namespace>/<name>" of the ServiceAccounts that ready pods use. */
  readonly accounts: ReadonlySet<string>;
  readonly registries: ReadonlySet<string>;
  /** Extended resources that pods hold, by namespace; absent where there are more pods than were looked at. */
  readonly held?: NonNullable<Hardware["held"]>;
}

export async function readPods({ client }: FactReader): Promise<PodsFact> {
  const accounts = new Set<string>();
  const registries = new Set<string>();
  const held: Record<string, Record<string, number>> = {};
  let count = 0;
  for await (const { object } of client.list(podResource, { limit: 500 })) {
    if (++count > mostPods) break;
    const { spec = {}, status = {}, metadata } = object;
    if (spec.nodeName && status.phase !== "Succeeded" && status.phase !== "Failed") addHeld(held, object);
    if (isReady(status)) accounts.add(`${metadata.namespace}/${spec.serviceAccountName ?? "default"}`);
    for (const one of status.containerStatuses ?? []) {
      if (one.imageID && one.image) registries.add(registryOf(one.image));
    }
  }
  return { accounts, registries, ...(count > mostPods ? {} : { held }) };
}

function addHeld(held: Record<string, Record<string, number>>, { metadata, spec }: KubeObject): void {
  for (const [resource, amount] of requestsOf(spec)) {
    if (!resource.includes("/")) continue;
    const own = (held[metadata.namespace ?? ""] ??= {});
    own[resource] = (own[resource] ?? 0) + amount;
  }
}

function isReady(status: KubeObject["status"]): boolean {
  return (status.conditions ?? []).some((one: any) => one.type === "Ready" && one.status === "True");
}

const rbac = (plural: string) => ({ group: "rbac.authorization.k8s.io", version: "v1", plural });

/** Who may write the status of each custom kind, and whether a ready pod runs under that account. */
export async function readControllers(
  { client }: FactReader,
  crds: ReadonlyMap<string, CrdFact>,
  running: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ControllerFact>> {
  const [clusterRoles, roles, clusterBindings, bindings] = await Promise.all(
    ["clusterroles", "roles", "clusterrolebindings", "rolebindings"].map((plural) => objectsOf(client, rbac(plural))),
  );
  const subjects = accountsByRole([...clusterBindings!, ...bindings!]);
  const kinds = [...crds].filter(([, crd]) => crd.hasStatus);
  const explicit = new Map(kinds.map(([kind]) => [kind, new Set<string>()]));
  const everything = new Set<string>();
  for (const role of [...clusterRoles!, ...roles!]) {
    const accounts = subjects.get(roleKey(role.kind, role.metadata.namespace, role.metadata.name));
    if (!accounts) continue;
    for (const rule of role.rules ?? []) {
      if (!writes(rule)) continue;
      if (rule.apiGroups?.includes("*")) for (const one of accounts) everything.add(one);
      for (const [kind, crd] of kinds) {
        if (names(rule, crd)) for (const one of accounts) explicit.get(kind)?.add(one);
      }
    }
  }
  const perhaps = [...everything].some((account) => running.has(account));
  return new Map(
    [...explicit].map(([kind, found]) => {
      const accounts = [...found].sort();
      return [kind, { accounts, running: accounts.filter((one) => running.has(one)), perhaps }];
    }),
  );
}

function writes(rule: { verbs?: string[] }): boolean {
  return (rule.verbs ?? []).some((verb) => verb === "*" || verb === "update" || verb === "patch");
}

function names(rule: { apiGroups?: string[]; resources?: string[] }, crd: CrdFact): boolean {
  const dot = crd.name.indexOf(".");
  const [plural, group] = [crd.name.slice(0, dot), crd.name.slice(dot + 1)];
  const resources = rule.resources ?? [];
  return (
    Boolean(rule.apiGroups?.includes(group)) && (resources.includes("*") || resources.includes(`${plural}/status`))
  );
}

function accountsByRole(bindings: readonly KubeObject[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { metadata, roleRef, subjects } of bindings) {
    const key = roleKey(roleRef.kind, roleRef.kind === "Role" ? metadata.namespace : undefined, roleRef.name);
    const accounts = (subjects ?? [])
      .filter((one: any) => one.kind === "ServiceAccount")
      .map((one: any) => `${one.namespace ?? metadata.namespace}/${one.name}`);
    found.set(key, [...(found.get(key) ?? []), ...accounts]);
  }
  return found;
}

function roleKey(kind: string, namespace: string | undefined, name: string): string {
  return `${kind} ${namespace ?? ""}/${name}`;
}
