import type { Finding } from "../../base/finding.ts";
import { refKey } from "../../flow/object.ts";
import type { Decided } from "../restore-decided.ts";
import { kindKey } from "../restore-facts.ts";
import { type Check, gather, type PreflightInput, someOf } from "./check.ts";
import type { WebhookFact } from "./facts.ts";
import { selects } from "./labels.ts";

/** A webhook that fails closed and whose Service has nobody behind it refuses every write that it is asked about. */
export const webhooks: Check = (input) => {
  const down = (input.facts.webhooks ?? []).filter(
    (one) => one.failClosed && one.service && one.service.ready === 0 && !comesBack(one, input),
  );
  const byConfiguration = new Map<string, WebhookFact[]>();
  for (const one of down) gather(byConfiguration, one.configuration, one);
  return [...byConfiguration].flatMap(([configuration, list]) => {
    const asked = input.decided.filter((one) => list.some((webhook) => isAsked(webhook, one, input)));
    return asked.length > 0 ? [finding(configuration, list[0]!, asked)] : [];
  });
};

function finding(configuration: string, { service, type }: WebhookFact, asked: readonly Decided[]): Finding {
  const where = `${service!.namespace}/${service!.name}`;
  const kind = `${type === "mutating" ? "Mutating" : "Validating"}WebhookConfiguration`;
  return {
    code: "WEBHOOK_DOWN",
    severity: "warning",
    subject: `${kind} ${configuration}`,
    message: `its Service ${where} ${service!.exists ? "has no ready endpoint" : "does not exist"}, and it fails closed: ${asked.length} objects would be refused: ${someOf(asked.map((one) => refKey(one.targetRef)))}`,
    advice: `bring the operator in namespace ${service!.namespace} up; the restore tries such writes again for 3 minutes. Where the operator is gone for good: kubectl delete ${kind.toLowerCase()} ${configuration}`,
  };
}

/** Its workload is part of this restore: the writes that need it are tried until it is there. */
function comesBack({ service }: WebhookFact, { components }: PreflightInput): boolean {
  return components.some((one) => one.restoreNamespace === service?.namespace);
}

function isAsked(webhook: WebhookFact, { planned, targetRef, component }: Decided, input: PreflightInput): boolean {
  if (!planned) return false;
  const plural = input.facts.plurals.get(kindKey(targetRef.group, targetRef.kind));
  const name = component.restoreNamespace;
  const labels = input.target.namespaces.get(name)?.labels ?? labelsOfPoint(input, component.sourceNamespace);
  return (
    webhook.rules.some(
      (rule) =>
        matchesAny(rule.operations, "CREATE") &&
        matchesAny(rule.groups, targetRef.group) &&
        plural !== undefined &&
        (matchesAny(rule.resources, plural) || rule.resources.includes("*/*")),
    ) &&
    selects(webhook.namespaceSelector, { ...labels, "kubernetes.io/metadata.name": name }) &&
    selects(webhook.objectSelector, planned.metadata.labels ?? {})
  );
}

function labelsOfPoint({ point }: PreflightInput, namespace: string): Readonly<Record<string, string>> {
  return point.namespaces.find((one) => one.name === namespace)?.labels ?? {};
}

function matchesAny(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}
