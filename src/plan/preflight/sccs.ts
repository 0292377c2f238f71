import { someOf } from "../../base/some-of.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { PodSpec } from "../../profiles/pod-spec.ts";
import { type Check, gather } from "./check.ts";
import type { SccFact } from "./facts.ts";
import { allContainers } from "./pods.ts";

/** OpenShift: is there a SecurityContextConstraints that allows what a pod asks for, among those its account may use? */
export const sccs: Check = ({ facts }) => {
  const demands: {
    readonly key: string;
    readonly namespace: string;
    readonly account: string;
    readonly asks: readonly Ask[];
  }[] = [];
  const granted = new Set<string>(); // "<namespace> <subject> <scc>"
  return {
    see(written) {
      if (!facts.sccs) return;
      const { kind, key, namespace } = written;
      if (kind === roleBinding) for (const one of grantsOf(written.object)) granted.add(`${namespace} ${one}`);
      for (const spec of written.pods?.specs ?? []) {
        const asks = asksOf(spec);
        const account = spec.serviceAccountName ?? spec.serviceAccount ?? "default";
        if (asks.length > 0) demands.push({ key, namespace, account, asks });
      }
    },
    findings() {
      const refused = new Map<string, string[]>();
      for (const { key, namespace, account, asks } of demands) {
        const usable = (facts.sccs ?? []).filter((scc) => mayUse(scc, namespace, account, granted));
        if (usable.some((scc) => asks.every(({ allowed }) => allowed(scc)))) continue;
        gather(refused, `${namespace}/${account}`, `${key} (${asks.map((each) => each.what).join(", ")})`);
      }
      return [...refused].map(([account, list]) => finding(account, list));
    },
  };
};

const roleBinding = "RoleBinding.rbac.authorization.k8s.io";

function finding(account: string, list: readonly string[]) {
  const [namespace, name] = account.split("/");
  return {
    code: "SCC_REFUSES",
    severity: "warning" as const,
    subject: `ServiceAccount ${account}`,
    message: `no SecurityContextConstraints that it is seen to use allow the pods of ${someOf(list)}`,
    advice: `oc adm policy add-scc-to-user <scc> -z ${name} -n ${namespace}`,
  };
}

interface Ask {
  readonly what: string;
  readonly allowed: (scc: SccFact) => boolean;
}

/** What goes beyond the least that every account may do. */
function asksOf(spec: PodSpec): readonly Ask[] {
  const containers = allContainers(spec);
  const contexts: Record<string, any>[] = [
    spec.securityContext ?? {},
    ...containers.map((one) => one.securityContext ?? {}),
  ];
  const has = (list: readonly string[], name: string) => list.includes("*") || list.includes(name);
  const hostPort = containers.some((one) => one.ports?.some((port: any) => port.hostPort));
  const fixed: readonly [boolean, Ask][] = [
    [contexts.some((one) => one.privileged), { what: "privileged", allowed: (scc) => scc.privileged }],
    [Boolean(spec.hostNetwork), { what: "hostNetwork", allowed: (scc) => scc.hostNetwork }],
    [Boolean(spec.hostPID), { what: "hostPID", allowed: (scc) => scc.hostPid }],
    [Boolean(spec.hostIPC), { what: "hostIPC", allowed: (scc) => scc.hostIpc }],
    [hostPort, { what: "hostPort", allowed: (scc) => scc.hostPorts }],
    [
      Boolean(spec.volumes?.some((one: any) => one.hostPath)),
      { what: "hostPath", allowed: (scc) => has(scc.volumes, "hostPath") },
    ],
  ];
  const users = new Set<number>(contexts.flatMap((one) => one.runAsUser ?? []));
  const capabilities = new Set<string>(contexts.flatMap((one) => one.capabilities?.add ?? []));
  return [
    ...fixed.flatMap(([wanted, ask]) => (wanted ? [ask] : [])),
    ...[...users].map((user): Ask => ({ what: `runAsUser ${user}`, allowed: (scc) => allowsUser(scc, user) })),
    ...[...capabilities].map(
      (name): Ask => ({ what: `capability ${name}`, allowed: (scc) => has(scc.capabilities, name) }),
    ),
  ];
}

/** A range that the namespace gives (MustRunAsRange without bounds) is taken to fit: other findings speak of it. */
function allowsUser({ runAsUser, uidRange = {} }: SccFact, user: number): boolean {
  if (runAsUser === "RunAsAny") return true;
  if (runAsUser === "MustRunAsNonRoot") return user !== 0;
  if (runAsUser === "MustRunAs") return uidRange.uid === user;
  if (uidRange.min === undefined || uidRange.max === undefined) return user >= 1_000_000;
  return user >= uidRange.min && user <= uidRange.max;
}

function mayUse({ name, users, groups }: SccFact, namespace: string, account: string, granted: ReadonlySet<string>) {
  const own = groupsOf(namespace);
  return (
    users.includes(`system:serviceaccount:${namespace}:${account}`) ||
    own.some((one) => groups.includes(one)) ||
    [`ServiceAccount:${account}`, ...own].some((one) => granted.has(`${namespace} ${one} ${name}`))
  );
}

function groupsOf(namespace: string): readonly string[] {
  return ["system:authenticated", "system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

/** "<subject> <scc>" of a binding to the ClusterRole that lets use an SCC, as `oc adm policy add-scc-to-user` makes it. */
function grantsOf({ roleRef, subjects }: KubeObject): readonly string[] {
  const scc = /^system:openshift:scc:(.+)$/.exec(roleRef?.name ?? "")?.[1];
  if (!scc) return [];
  return (subjects ?? []).map((one: any) =>
    one.kind === "ServiceAccount" ? `ServiceAccount:${one.name} ${scc}` : `${one.name} ${scc}`,
  );
}
