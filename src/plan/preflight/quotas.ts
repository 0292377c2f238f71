import type { Finding } from "../../base/finding.ts";
import { type KubeObject, refKey } from "../../flow/object.ts";
import type { Decided } from "../restore-decided.ts";
import { type Check, type PreflightInput, someOf } from "./check.ts";
import type { QuotaFact } from "./facts.ts";
import { amountOf, formatAmount } from "./quantity.ts";
import { requestsOf, workloadsOf } from "./workloads.ts";

/**
 * Hard minus used of each quota, against what the restore adds: objects by kind, room of claims, and what the pods that
 * run at once ask for. Quotas for some pods only (scopes) are left to the server's own word.
 */
export const quotas: Check = (input) =>
  (input.facts.quotas ?? []).filter((one) => !one.scoped).flatMap((one) => overrun(one, input));

function overrun(quota: QuotaFact, input: PreflightInput): Finding[] {
  const asked = asksIn(quota.namespace, input);
  const short = Object.entries(quota.hard).flatMap(([resource, hard]) => {
    const add = asked.get(nameOf(resource));
    const left = (amountOf(hard) ?? Infinity) - (amountOf(quota.used[resource]) ?? 0);
    if (!add || add <= left) return [];
    return [
      `${resource}: ${formatAmount(resource, add)} asked, ${formatAmount(resource, Math.max(0, left))} left of ${hard}`,
    ];
  });
  if (short.length === 0) return [];
  return [
    {
      code: "QUOTA_TOO_SMALL",
      severity: "warning",
      subject: `ResourceQuota ${quota.namespace}/${quota.name}`,
      message: `it does not leave what the restore adds: ${someOf(short)}`,
      advice: `raise it (kubectl edit resourcequota -n ${quota.namespace} ${quota.name}), or leave something out`,
    },
  ];
}

/** The older names of the same. */
const otherNames: Readonly<Record<string, string>> = { cpu: "requests.cpu", memory: "requests.memory" };

function nameOf(resource: string): string {
  return otherNames[resource] ?? resource;
}

function asksIn(namespace: string, { decided, target, facts }: PreflightInput): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  const add = (resource: string, amount: number) => sum.set(resource, (sum.get(resource) ?? 0) + amount);
  const isNew = (one: Decided) =>
    one.planned && one.component.restoreNamespace === namespace && !target.existing.has(refKey(one.targetRef));
  for (const one of decided.filter(isNew)) {
    const { group, kind } = one.targetRef;
    const plural = facts.plurals.get(group ? `${kind}.${group}` : kind);
    if (plural) {
      add(`count/${group ? `${plural}.${group}` : plural}`, 1);
      if (group === "") add(plural, 1);
    }
    if (group === "" && kind === "PersistentVolumeClaim") claimAsks(one.planned!, add);
    if (group === "" && kind === "Service") serviceAsks(one.planned!, add);
  }
  for (const { one, specs, replicas, object } of workloadsOf(decided)) {
    if (!isNew(one) || replicas === 0) continue;
    if (object.kind !== "Pod") add("pods", replicas); // a Pod was counted as an object
    for (const field of ["requests", "limits"] as const) {
      for (const [resource, amount] of requestsOf(specs[0]!, field)) add(`${field}.${resource}`, amount * replicas);
    }
  }
  return sum;
}

type Add = (resource: string, amount: number) => void;

function claimAsks({ spec }: KubeObject, add: Add): void {
  const bytes = amountOf(spec?.resources?.requests?.storage) ?? 0;
  add("requests.storage", bytes);
  const name = spec?.storageClassName;
  if (!name) return;
  add(`${name}.storageclass.storage.k8s.io/requests.storage`, bytes);
  add(`${name}.storageclass.storage.k8s.io/persistentvolumeclaims`, 1);
}

function serviceAsks({ spec }: KubeObject, add: Add): void {
  if (spec?.type === "LoadBalancer") add("services.loadbalancers", 1);
  if (spec?.type === "NodePort" || spec?.type === "LoadBalancer") add("services.nodeports", spec.ports?.length ?? 0);
}
