import { refKey } from "../../flow/object.ts";
import type { PodSpec } from "../../profiles/pod-spec.ts";
import { type Check, gather, type PreflightInput, someOf } from "./check.ts";
import type { SccFact } from "./facts.ts";
import { allContainers, workloadsOf } from "./workloads.ts";

/** OpenShift: is there a SecurityContextConstraints that allows what a pod asks for, among those its account may use? */
export const sccs: Check = (input) => {
  const all = input.facts.sccs;
  if (!all) return [];
  const refused = new Map<string, string[]>();
  for (const { one, specs, namespace } of workloadsOf(input.decided)) {
    for (const spec of specs) {
      const account = spec.serviceAccountName ?? spec.serviceAccount ?? "default";
      const usable = all.filter((scc) => mayUse(scc, namespace, account, input));
      const asks = asksOf(spec);
      if (asks.length === 0 || usable.some((scc) => asks.every(({ allowed }) => allowed(scc)))) continue;
      gather(
        refused,
        `ServiceAccount ${namespace}/${account}`,
        `${refKey(one.targetRef)} (${asks.map((each) => each.what).join(", ")})`,
      );
    }
  }
  return [...refused].map(([subject, list]) => ({
    code: "SCC_REFUSES",
    severity: "warning" as const,
    subject,
    message: `no SecurityContextConstraints that it is seen to use allow the pods of ${someOf(list)}`,
    advice: `oc adm policy add-scc-to-user <scc> -z ${subject.slice(subject.indexOf("/") + 1)} -n ${subject.slice(15, subject.indexOf("/"))}`,
  }));
};

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
  const asks: Ask[] = [];
  const ask = (wanted: unknown, what: string, allowed: Ask["allowed"]) => wanted && asks.push({ what, allowed });
  ask(
    contexts.some((one) => one.privileged),
    "privileged",
    (scc) => scc.privileged,
  );
  ask(spec.hostNetwork, "hostNetwork", (scc) => scc.hostNetwork);
  ask(spec.hostPID, "hostPID", (scc) => scc.hostPid);
  ask(spec.hostIPC, "hostIPC", (scc) => scc.hostIpc);
  ask(
    containers.some((one) => one.ports?.some((port: any) => port.hostPort)),
    "hostPort",
    (scc) => scc.hostPorts,
  );
  ask(
    spec.volumes?.some((one: any) => one.hostPath),
    "hostPath",
    (scc) => scc.volumes.some((one) => one === "*" || one === "hostPath"),
  );
  for (const user of new Set(contexts.flatMap((one) => one.runAsUser ?? [])))
    ask(true, `runAsUser ${user}`, (scc) => allowsUser(scc, user));
  for (const name of new Set<string>(contexts.flatMap((one) => one.capabilities?.add ?? [])))
    ask(true, `capability ${name}`, (scc) => scc.capabilities.some((one) => one === "*" || one === name));
  return asks;
}

/** A range that the namespace gives (MustRunAsRange without bounds) is taken to fit: other findings speak of it. */
function allowsUser({ runAsUser, uidRange = {} }: SccFact, user: number): boolean {
  if (runAsUser === "RunAsAny") return true;
  if (runAsUser === "MustRunAsNonRoot") return user !== 0;
  if (runAsUser === "MustRunAs") return uidRange.uid === user;
  if (uidRange.min === undefined || uidRange.max === undefined) return user >= 1_000_000;
  return user >= uidRange.min && user <= uidRange.max;
}

function mayUse({ name, users, groups }: SccFact, namespace: string, account: string, input: PreflightInput): boolean {
  const usual = ["system:authenticated", "system:serviceaccounts", `system:serviceaccounts:${namespace}`];
  if (users.includes(`system:serviceaccount:${namespace}:${account}`) || usual.some((one) => groups.includes(one)))
    return true;
  return input.decided.some(({ planned, component }) => {
    if (planned?.kind !== "RoleBinding" || component.restoreNamespace !== namespace) return false;
    if (planned.roleRef?.name !== `system:openshift:scc:${name}`) return false;
    return (planned.subjects ?? []).some(
      (one: any) =>
        (one.kind === "ServiceAccount" && one.name === account) || (one.kind === "Group" && usual.includes(one.name)),
    );
  });
}
