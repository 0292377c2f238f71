import { amountOf } from "../../base/quantity.ts";
import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { KubeObject } from "../../flow/object.ts";
import { type Check, type Written } from "./check.ts";
import type { QuotaFact } from "./facts.ts";
import { formatAmount } from "./quantity.ts";
import { requestsOf } from "./pods.ts";

/**
 * Hard minus used of each quota, against what the restore adds: objects by kind, room of claims, and what the pods that
 * run at once ask for. Quotas for some pods only (scopes) are left to the server's own word.
 */
export const quotas: Check = ({ facts, target }) => {
  const checked = (facts.quotas ?? []).filter((one) => !one.scoped);
  const asked = new Map(checked.map((one) => [one.namespace, new Map<string, number>()]));
  return {
    see(written) {
      const sum = asked.get(written.namespace);
      if (!sum || target.existing.has(written.key)) return;
      addAsks(written, facts.plurals.get(written.kind), (resource, amount) =>
        sum.set(resource, (sum.get(resource) ?? 0) + amount),
      );
    },
    findings: () => checked.flatMap((quota) => overrun(quota, asked.get(quota.namespace)!)),
  };
};

function overrun(quota: QuotaFact, asked: ReadonlyMap<string, number>): Finding[] {
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

function addAsks(written: Written, plural: string | undefined, add: Add): void {
  const { group } = written.one.targetRef;
  if (plural) {
    add(`count/${group ? `${plural}.${group}` : plural}`, 1);
    if (group === "") add(plural, 1);
  }
  if (written.kind === "PersistentVolumeClaim") claimAsks(written.object, add);
  if (written.kind === "Service") serviceAsks(written.object, add);
  const { specs = [], replicas = 0 } = written.pods ?? {};
  const [spec] = specs;
  if (!spec || replicas === 0) return;
  if (written.kind !== "Pod") add("pods", replicas); // a Pod was counted as an object
  for (const field of ["requests", "limits"] as const) {
    for (const [resource, amount] of requestsOf(spec, field)) add(`${field}.${resource}`, amount * replicas);
  }
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
