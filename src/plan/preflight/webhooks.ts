import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import { type Check, gather, type PreflightInput, type Written } from "./check.ts";
import type { WebhookFact } from "./facts.ts";
import { selects } from "../../flow/label-selector.ts";

/** A webhook that fails closed and whose Service has nobody behind it refuses every write that it is asked about. */
export const webhooks: Check = (input) => {
  const down = (input.facts.webhooks ?? []).filter(
    (one) => one.failClosed && one.service && one.service.ready === 0 && !comesBack(one, input),
  );
  const asked = new Map<WebhookFact, string[]>();
  return {
    see(written) {
      for (const webhook of down) if (isAsked(webhook, written, input)) gather(asked, webhook, written.key);
    },
    findings() {
      const configurations = Map.groupBy(asked, ([webhook]) => webhook.configuration);
      return [...configurations].map(([configuration, list]) =>
        finding(configuration, list[0]![0], [...new Set(list.flatMap(([, keys]) => keys))]),
      );
    },
  };
};

function finding(configuration: string, { service, type }: WebhookFact, asked: readonly string[]): Finding {
  const where = `${service!.namespace}/${service!.name}`;
  const kind = `${type === "mutating" ? "Mutating" : "Validating"}WebhookConfiguration`;
  return {
    code: "WEBHOOK_DOWN",
    severity: "warning",
    subject: `${kind} ${configuration}`,
    message: `its Service ${where} ${service!.exists ? "has no ready endpoint" : "does not exist"}, and it fails closed: ${asked.length} objects would be refused: ${someOf(asked)}`,
    advice: `bring the operator in namespace ${service!.namespace} up; the restore tries such writes again for 3 minutes. Where the operator is gone for good: kubectl delete ${kind.toLowerCase()} ${configuration}`,
  };
}

/** Its workload is part of this restore: the writes that need it are tried until it is there. */
function comesBack({ service }: WebhookFact, { components }: PreflightInput): boolean {
  return components.some((one) => one.restoreNamespace === service?.namespace);
}

function isAsked(webhook: WebhookFact, written: Written, input: PreflightInput): boolean {
  const { one, kind, namespace } = written;
  const plural = input.facts.plurals.get(kind);
  const labels = input.target.namespaces.get(namespace)?.labels ?? labelsOfPoint(input, one.component.sourceNamespace);
  return (
    plural !== undefined &&
    webhook.rules.some(
      (rule) =>
        matchesAny(rule.operations, "CREATE") &&
        matchesAny(rule.groups, one.targetRef.group) &&
        (matchesAny(rule.resources, plural) || rule.resources.includes("*/*")),
    ) &&
    selects(webhook.namespaceSelector, { ...labels, "kubernetes.io/metadata.name": namespace }) &&
    (isOpen(webhook.objectSelector) || selects(webhook.objectSelector, written.object.metadata.labels ?? {}))
  );
}

function isOpen(selector: WebhookFact["objectSelector"]): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && !selector.matchExpressions?.length;
}

function labelsOfPoint({ point }: PreflightInput, namespace: string): Readonly<Record<string, string>> {
  return point.namespaces.find((one) => one.name === namespace)?.labels ?? {};
}

function matchesAny(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}
